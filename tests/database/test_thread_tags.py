"""The tags of threads once more, in the order of the list: they follow their threads, whatever changes them."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from banxway.storage import migrator
from tests.support.databases.canary_rows import CanaryRows
from tests.support.databases.postgres import PostgresServer, TestDatabase
from tests.support.gates.chance import dice

Connection = psycopg.Connection[dict[str, Any]]

_NOBODY = "'00000000-0000-0000-0000-000000000000'"
_COPY = "SELECT thread_id, tag, is_spam, status, assignee, last_message_at FROM thread_tags ORDER BY 1, 2"
_THREADS = f"""
    SELECT DISTINCT id AS thread_id, tag, is_spam, status, coalesce(assigned_to_user_id, {_NOBODY}) AS assignee,
           last_message_at
    FROM threads, unnest(tags) AS tag WHERE merged_into_thread_id IS NULL ORDER BY 1, 2"""
_CHANGES = (
    "tags = %(tags)s",
    "is_spam = NOT is_spam",
    "status = CASE status WHEN 'open' THEN 'closed' ELSE 'open' END",
    "assigned_to_user_id = %(user)s",
    "assigned_to_user_id = NULL",
    "last_message_at = last_message_at + interval '1 minute'",
    "merged_into_thread_id = id",
    "merged_into_thread_id = NULL",
    "subject = 'another subject'",
)


def test_tags_follow_every_change_of_their_thread(
    app: Connection, canaries: CanaryRows, test_database: TestDatabase
) -> None:
    throw = dice(32)
    one = canaries.add("alpha")
    rows = canaries.rows[one]
    test_database.rows("DELETE FROM thread_tags")
    values = {"organization": one, "customer": rows["customers"]["id"], "user": rows["users"]["id"]}
    tags = (["urgent"], ["urgent", "urgent", "return"], ["return"], [])
    ids = [uuid4() for _ in range(6)]
    with app.transaction():
        app.execute("SELECT enter_scope('organization', %s, 60000)", (one,))
        for thread in ids:
            app.execute(
                """INSERT INTO threads (id, organization_id, customer_id, last_message_at, tags)
                   VALUES (%(id)s, %(organization)s, %(customer)s, now(), %(tags)s)""",
                values | {"id": thread, "tags": throw.choice(tags)},
            )
        assert app.execute(_COPY).fetchall() == app.execute(_THREADS).fetchall() != []
        for number in range(120):
            change = _CHANGES[number % len(_CHANGES)]
            app.execute(
                f"UPDATE threads SET {change} WHERE id = ANY(%(ids)s)",
                values | {"ids": throw.sample(ids, 3), "tags": throw.choice(tags)},
            )
            assert app.execute(_COPY).fetchall() == app.execute(_THREADS).fetchall(), change


def test_threads_that_were_there_before_have_their_tags(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.database(migrated=False) as database:
        earlier = [name for name in migrator.migration_names() if name < "032"]
        monkeypatch.setattr(migrator, "migration_names", lambda: earlier)
        migrator.migrate(database.owner_url, app_url=None)
        for tags in ("{urgent,return}", "{}"):
            organization = database.add_organization()
            (customer,) = database.rows(
                "INSERT INTO customers (id, organization_id) VALUES (gen_random_uuid(), %s) RETURNING id",
                (organization.id,),
            )
            database.rows(
                """INSERT INTO threads (id, organization_id, customer_id, last_message_at, tags)
                   VALUES (gen_random_uuid(), %s, %s, now(), %s)""",
                (organization.id, customer["id"], tags),
            )
        monkeypatch.undo()

        migrator.migrate(database.owner_url, app_url=None)

        assert database.rows(_COPY) == database.rows(_THREADS)
        assert len(database.rows(_COPY)) == 2
