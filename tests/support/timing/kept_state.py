"""A deployment's state, kept so that many runs can begin with the same: its rows and its stored content.

    with KeptState.of(database, folder) as kept:
        for …:
            kept.restore()    # as if nothing had happened since; every process of the product must be closed

Much cheaper than making the state again, or than cloning a database.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.databases.postgres import TestDatabase

_KEEP = """
    DROP SCHEMA IF EXISTS kept CASCADE;
    CREATE SCHEMA kept;
    DO $$ DECLARE found record; BEGIN
        FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', found.tablename, found.tablename);
        END LOOP;
    END $$"""
_RESTORE = """
    BEGIN;
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    DO $$ DECLARE found record; names text; BEGIN
        FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
            EXECUTE format('DELETE FROM public.%I', found.tablename);
            -- Generated columns are made again.
            SELECT string_agg(quote_ident(attname), ', ') INTO names FROM pg_attribute
            WHERE attrelid = format('public.%I', found.tablename)::regclass
              AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
            EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM kept.%I',
                           found.tablename, names, names, found.tablename);
        END LOOP;
    END $$;
    COMMIT"""


class KeptState:
    """The rows of a database and the files of a folder as they were when they were kept."""

    def __init__(self, database: TestDatabase, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._copy = folder.with_name(f"{folder.name}-kept")

    @classmethod
    @contextmanager
    def of(cls, database: TestDatabase, folder: Path) -> "Iterator[KeptState]":
        """Keep the state as it is now; in the end nothing of the copy is left in the database."""
        kept = cls(database, folder)
        database.rows(_KEEP)
        shutil.copytree(kept._folder, kept._copy, dirs_exist_ok=True)
        try:
            yield kept
        finally:
            database.rows("DROP SCHEMA kept CASCADE")
            shutil.rmtree(kept._copy)

    def restore(self) -> None:
        """Bring the state back. Connections of the product are ended."""
        self._database.rows(_RESTORE)
        shutil.rmtree(self._folder)
        shutil.copytree(self._copy, self._folder)
