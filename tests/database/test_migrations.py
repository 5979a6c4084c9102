"""Migrations: from nothing, as an owner who is no superuser, and on again after a failure anywhere in them."""

import re
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from banxway.errors import Unavailable
from banxway.storage import migrator
from banxway.storage.database import Database
from banxway.storage.migrator import _ADVISORY_LOCK, migrate, migration_names
from tests.support.databases.postgres import PostgresServer, TestDatabase
from tests.support.databases.postgres_wire import over_tcp, socket_of
from tests.support.databases.relay import Relay
from tests.support.timing.racing import Background
from tests.support.timing.waiting import eventually

Connection = psycopg.Connection[dict[str, Any]]
Connect = Callable[[str], Connection]

_SCHEMA = """
    SELECT 'relation' AS kind, relname || ' ' || relkind::text || relrowsecurity || relforcerowsecurity AS what
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'column', attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
              || attnotnull
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped AND c.relkind = 'r'
    UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'function', oid::regprocedure || ' ' || md5(prosrc) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'policy', tablename || ' ' || policyname || ' ' || cmd || coalesce(qual, '') || roles::text
    FROM pg_policies
    UNION ALL SELECT 'trigger', tgrelid::regclass || ' ' || pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL SELECT 'grant', table_name || ' ' || grantee || ' ' || privilege_type
    FROM information_schema.role_table_grants WHERE table_schema = 'public'"""


def _schema(connection: Connection) -> set[tuple[str, str]]:
    return {(row["kind"], row["what"]) for row in connection.execute(_SCHEMA)}


def _text_of(name: str) -> str:
    return (resources.files("banxway.storage.migrations") / name).read_text(encoding="utf-8")


@pytest.fixture
def empty(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """A database that no migration has seen."""
    with postgres.database(migrated=False) as database:
        yield database


def test_an_owner_who_is_no_superuser_migrates_from_nothing(
    empty: TestDatabase, test_database: TestDatabase, connect: Connect
) -> None:
    result = migrate(empty.owner_url, app_url=None)

    superuser = connect(empty.superuser_url)
    owner = superuser.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'banxway_owner'")
    assert owner.fetchone() == {"rolsuper": False, "rolbypassrls": False}
    assert result == {"applied": migration_names(), "already": 0}
    assert _schema(superuser) == _schema(connect(test_database.superuser_url))


def test_migrating_again_changes_nothing(test_database: TestDatabase, superuser: Connection) -> None:
    before = _schema(superuser)

    result = migrate(test_database.owner_url, app_url=test_database.app_url)

    assert result == {"applied": [], "already": len(migration_names())}
    assert _schema(superuser) == before


def test_the_first_migration_makes_the_application_role_and_lets_it_sign_in() -> None:
    with PostgresServer.running(prepared=False) as server, server.database(migrated=False) as database:
        database.rows("CREATE ROLE banxway_owner LOGIN CREATEROLE")
        database.rows(f'ALTER DATABASE "{database.name}" OWNER TO banxway_owner')

        migrate(database.owner_url, app_url=database.app_url)

        role = database.rows(
            """SELECT rolcanlogin, rolsuper, rolbypassrls, rolpassword IS NOT NULL AS has_password
               FROM pg_authid WHERE rolname = 'banxway_app'"""
        )
        assert role == [{"rolcanlogin": True, "rolsuper": False, "rolbypassrls": False, "has_password": True}]
        application = Database(database.app_url)
        with application.organization(database.add_organization().id) as transaction:
            assert len(transaction.all("SELECT id FROM users")) == 3
        application.close()


def test_a_migration_that_fails_in_the_middle_leaves_nothing_of_itself_and_is_done_again(
    empty: TestDatabase, test_database: TestDatabase, connect: Connect
) -> None:
    """One after the other: its last table, function or index is there already, so that all before that is undone."""
    owner, names = connect(empty.owner_url), migration_names()
    for number, name in enumerate(names):
        kind, made = _last_thing_made(name)
        owner.execute(_obstacle(kind, made, name))

        with pytest.raises(psycopg.errors.ProgrammingError, match="already exists"):
            migrate(empty.owner_url, app_url=None)

        recorded = owner.execute("SELECT migration_name FROM schema_migrations ORDER BY 1").fetchall()
        assert [row["migration_name"] for row in recorded] == names[:number], name
        own_tables = re.findall(r"^CREATE TABLE (\w+)", _text_of(name), re.MULTILINE)
        left = owner.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", (own_tables,)).fetchall()
        assert [row["relname"] for row in left] == ([made] if kind == "TABLE" else []), name
        owner.execute(_removal(kind, made))

    assert migrate(empty.owner_url, app_url=None) == {"applied": names[-1:], "already": len(names) - 1}
    assert _schema(connect(empty.superuser_url)) == _schema(connect(test_database.superuser_url))


def _last_thing_made(name: str) -> tuple[str, str]:
    """Return what a migration makes last: a table or function, an index, a column as `table.column`, or a policy."""
    text = _text_of(name)
    found = re.findall(r"^CREATE (TABLE|FUNCTION) (\w+)", text, re.MULTILINE)
    found = found or re.findall(r"^CREATE (INDEX) (\w+)", text, re.MULTILINE)
    added = re.findall(r"^ALTER TABLE (\w+) ADD COLUMN (\w+)", text, re.MULTILINE)
    policies = re.findall(r"^CREATE POLICY (\w+) ON (\w+)", text, re.MULTILINE)
    found = found or [("COLUMN", ".".join(column)) for column in added]
    kind, made = (found or [("POLICY", " ON ".join(policy)) for policy in policies])[-1]
    return kind, made


def _obstacle(kind: str, made: str, name: str) -> str:
    """Return SQL that makes the last step of a migration fail; an index collides with a table of its name, too."""
    if kind == "COLUMN":
        table, column = made.split(".")
        return f"ALTER TABLE {table} ADD COLUMN {column} integer"
    if kind == "POLICY":
        return f"CREATE POLICY {made} USING (false)"
    return _function(made, name) if kind == "FUNCTION" else f"CREATE TABLE {made} ()"


def _removal(kind: str, made: str) -> str:
    if kind == "COLUMN":
        table, column = made.split(".")
        return f"ALTER TABLE {table} DROP COLUMN {column}"
    return f"DROP {kind if kind in ('FUNCTION', 'POLICY') else 'TABLE'} {made}"


def _function(made: str, name: str) -> str:
    """Copy the head of a function, which is what a second one of its kind collides with."""
    head = re.search(rf"^CREATE FUNCTION {made}\(.*?\)", _text_of(name), re.MULTILINE | re.DOTALL)
    assert head is not None
    return f"{head[0]} RETURNS void LANGUAGE sql AS 'SELECT'"


def test_users_from_before_sign_in_as_before(empty: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until 031 the subject of a token was the user's id, and an address had any case."""
    names = migration_names()
    before = names[: names.index("031_first_day.sql")]
    monkeypatch.setattr(migrator, "migration_names", lambda: before)
    migrate(empty.owner_url, app_url=None)
    organization, user = uuid4(), uuid4()
    empty.rows("INSERT INTO organizations (id, name) VALUES (%s, 'Old')", (organization,))
    empty.rows(
        "INSERT INTO users (id, organization_id, email, role) VALUES (%s, %s, 'Asha@Old.example', 'admin')",
        (user, organization),
    )

    monkeypatch.setattr(migrator, "migration_names", lambda: names)
    migrate(empty.owner_url, app_url=None)

    assert empty.rows("SELECT subject, email, is_active FROM users") == [
        {"subject": str(user), "email": "asha@old.example", "is_active": True}
    ]


def test_a_connection_cut_after_a_migration_was_sent_leaves_it_whole_or_absent(
    empty: TestDatabase, test_database: TestDatabase, connect: Connect
) -> None:
    """One after the other: each deployment is cut off one migration further on."""
    names, superuser = migration_names(), connect(empty.superuser_url)
    with Relay(socket_of(empty.owner_url)) as relay:
        url = over_tcp(empty.owner_url, relay.port)
        for number, name in enumerate(names, 1):
            relay.lose_answer_to(_text_of(name)[:200].encode())
            with pytest.raises(Unavailable, match="OWNER_DATABASE_URL"):
                migrate(url, app_url=None)
            assert relay.lost_answers == number, name

            # Its record is a part of it: who cut it off before that has cut off all of it.
            tables = re.findall(r"^CREATE TABLE (\w+)", _text_of(name), re.MULTILINE)
            there = superuser.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", (tables,))
            assert there.fetchall() == [], name

        assert migrate(url, app_url=None)["applied"] == names[-1:]

    assert _schema(superuser) == _schema(connect(test_database.superuser_url))


def test_deployments_at_once_wait_for_each_other_and_migrate_once(
    empty: TestDatabase, connect: Connect
) -> None:
    """All three are held at the lock that they need first, so that none is done before another begins."""
    holder = connect(empty.superuser_url)
    holder.execute("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
    deployments = [Background(lambda: migrate(empty.owner_url, app_url=None)) for _ in range(3)]
    eventually(lambda: empty.waiting_for_locks() + sum(each.is_over for each in deployments) == 3)
    holder.execute("SELECT pg_advisory_unlock(%s)", (_ADVISORY_LOCK,))
    applied = [len(each.result()["applied"]) for each in deployments]

    assert sorted(applied) == [0, 0, len(migration_names())]


def test_a_database_that_does_not_answer_is_unavailable(empty: TestDatabase) -> None:
    with Relay(socket_of(empty.owner_url)) as relay:
        relay.refuse()

        with pytest.raises(Unavailable):
            migrate(over_tcp(empty.owner_url, relay.port), app_url=None)


def test_the_guides_question_for_migration_006_is_answered(superuser: Connection) -> None:
    """Issue 1 of the guide, word for word."""
    found = superuser.execute(
        "SELECT * FROM schema_migrations WHERE migration_name = '006_integrations.sql'"
    ).fetchall()

    assert [row["migration_name"] for row in found] == ["006_integrations.sql"]
    assert found[0]["applied_at"] is not None
