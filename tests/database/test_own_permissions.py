"""What a user may do with integrations: users read their own rows, admins all of their organization's, by SQL."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.support.databases.postgres import Organization, TestDatabase

Connection = psycopg.Connection[dict[str, Any]]
TABLE = "user_integration_permissions"
EACH = 4
"""Rows that every agent and every manager has: one for each integration."""


@pytest.fixture
def one(test_database: TestDatabase) -> Organization:
    test_database.add_organization("Other")
    return test_database.add_organization("Acme")


def _as_user(app: Connection, user: UUID) -> None:
    app.execute("SELECT * FROM enter_user_scope(%s, 10000)", (user,))


def _owners(app: Connection) -> dict[UUID, int]:
    """Return whose rows are seen, and how many of each."""
    rows = app.execute(f"SELECT user_id, count(*) AS rows FROM {TABLE} GROUP BY user_id").fetchall()
    return {row["user_id"]: row["rows"] for row in rows}


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_a_user_reads_their_own_rows_and_nobody_elses(app: Connection, one: Organization, role: str) -> None:
    me = getattr(one, role)
    with app.transaction():
        _as_user(app, me)
        seen = _owners(app)
        theirs = app.execute(f"SELECT * FROM {TABLE} WHERE user_id <> %s", (me,)).fetchall()

    assert seen == {me: EACH}
    assert theirs == []


def test_an_admin_reads_everybodys_rows_of_the_organization(app: Connection, one: Organization) -> None:
    with app.transaction():
        _as_user(app, one.admin)
        seen = _owners(app)

    assert seen == {one.agent: EACH, one.manager: EACH}


def test_a_worker_reads_everybodys_rows_of_its_organization(app: Connection, one: Organization) -> None:
    with app.transaction():
        app.execute("SELECT enter_scope('organization', %s, 10000)", (one.id,))
        seen = _owners(app)

    assert seen == {one.agent: EACH, one.manager: EACH}


@pytest.mark.parametrize("scope", ["none", "unknown user"])
def test_without_an_organization_nobodys_rows_are_read(
    app: Connection, one: Organization, scope: str
) -> None:
    with app.transaction():
        if scope == "unknown user":
            _as_user(app, one.id)
        seen = _owners(app)

    assert seen == {}


def test_the_system_scope_may_not_read_them(app: Connection, one: Organization) -> None:  # they exist
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
        app.execute("SELECT enter_scope('system', NULL, 10000)")
        _owners(app)


@pytest.mark.parametrize("role", ["agent", "manager"])
@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET daily_limit = NULL WHERE user_id = %(me)s",
        f"UPDATE {TABLE} SET can_use = true WHERE user_id = %(me)s",
        f"""INSERT INTO {TABLE} (id, organization_id, user_id, integration_type)
            VALUES (gen_random_uuid(), %(organization)s, %(me)s, 'exotel_sms')""",
        f"""INSERT INTO {TABLE} (id, organization_id, user_id, integration_type)
            VALUES (gen_random_uuid(), %(organization)s, %(other)s, 'exotel_sms')""",
    ],
    ids=["raise a limit", "grant", "insert one's own", "insert another's"],
)
def test_a_user_changes_no_row_not_even_their_own(
    app: Connection, test_database: TestDatabase, one: Organization, role: str, statement: str
) -> None:
    test_database.rows(f"DELETE FROM {TABLE} WHERE integration_type = 'exotel_sms'")
    given = {"me": getattr(one, role), "organization": one.id, "other": one.admin}

    with pytest.raises(InsufficientPrivilege, match="row-level security"), app.transaction():
        _as_user(app, getattr(one, role))
        app.execute(statement, given)


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_a_user_reaches_no_row_of_another_and_deletes_none(
    app: Connection, test_database: TestDatabase, one: Organization, role: str
) -> None:
    before = test_database.rows(f"SELECT * FROM {TABLE} ORDER BY id")
    me = getattr(one, role)
    with app.transaction():
        _as_user(app, me)
        changed = app.execute(f"UPDATE {TABLE} SET can_use = false WHERE user_id <> %s", (me,)).rowcount
        deleted = app.execute(f"DELETE FROM {TABLE}").rowcount

    assert (changed, deleted) == (0, 0)
    assert test_database.rows(f"SELECT * FROM {TABLE} ORDER BY id") == before


def test_a_user_may_hold_their_own_row_so_that_two_sends_share_no_last_message(
    app: Connection, one: Organization
) -> None:
    with app.transaction():
        _as_user(app, one.agent)
        held = app.execute(f"SELECT * FROM {TABLE} FOR NO KEY UPDATE").fetchall()

    assert len(held) == EACH


def test_an_admin_grants_changes_and_removes(app: Connection, one: Organization) -> None:
    mine = "WHERE user_id = %s AND integration_type = 'exotel_sms'"
    with app.transaction():
        _as_user(app, one.admin)
        removed = app.execute(f"DELETE FROM {TABLE} {mine}", (one.agent,)).rowcount
        added = app.execute(
            f"""INSERT INTO {TABLE} (id, organization_id, user_id, integration_type)
                VALUES (gen_random_uuid(), %s, %s, 'exotel_sms')""",
            (one.id, one.agent),
        ).rowcount
        changed = app.execute(f"UPDATE {TABLE} SET can_use = true {mine}", (one.agent,)).rowcount

    assert (removed, added, changed) == (1, 1, 1)


def test_who_is_no_longer_an_admin_reads_only_their_own(
    app: Connection, test_database: TestDatabase, one: Organization
) -> None:
    test_database.rows("UPDATE users SET role = 'agent' WHERE id = %s", (one.admin,))

    with app.transaction():
        _as_user(app, one.admin)
        seen = _owners(app)

    assert seen == {}
