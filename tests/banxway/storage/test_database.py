"""The scopes: what a statement sees, and what happens when the connection dies."""

import psycopg
import pytest

from banxway.errors import NotAuthenticated, SettingsError
from banxway.storage.database import Database, refuse_unsafe_server
from tests.support.postgres import Organization, TestDatabase


def test_a_user_works_in_their_own_organization(database: Database, organization: Organization) -> None:
    actor = database.sign_in(organization.agent)

    with database.as_actor(actor) as transaction:
        seen = transaction.all("SELECT id FROM users")

    assert (actor.role, actor.organization_id) == ("agent", organization.id)
    assert {row["id"] for row in seen} == {organization.admin, organization.manager, organization.agent}


def test_a_deactivated_user_is_refused_at_the_next_scope(
    database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    actor = database.sign_in(organization.agent)
    database.release()
    test_database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.agent,))

    with pytest.raises(NotAuthenticated), database.as_actor(actor):
        raise AssertionError("no scope may open")


def test_a_dead_connection_is_replaced_before_anything_was_done(
    database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    with database.organization(organization.id) as transaction:
        pid = transaction.one("SELECT pg_backend_pid() AS pid")
    test_database.rows("SELECT pg_terminate_backend(%s)", (pid["pid"],))

    with database.organization(organization.id) as transaction:
        found = transaction.one("SELECT id FROM organizations")

    assert found == {"id": organization.id}


def test_an_exception_rolls_back(database: Database, organization: Organization) -> None:
    with pytest.raises(RuntimeError), database.organization(organization.id) as transaction:
        transaction.execute("INSERT INTO change_sequences (organization_id) VALUES (%s)", (organization.id,))
        raise RuntimeError("in the middle")

    with database.organization(organization.id) as transaction:
        assert transaction.all("SELECT * FROM change_sequences") == []


@pytest.mark.parametrize("role_url", ["superuser_url", "owner_url"])
def test_a_role_that_row_level_security_does_not_bind_is_refused(
    test_database: TestDatabase, organization: Organization, role_url: str
) -> None:
    unbound = Database(getattr(test_database, role_url))

    with pytest.raises(SettingsError, match="use banxway_app"), unbound.organization(organization.id):
        raise AssertionError("no scope may open")


def test_a_bypassrls_role_is_refused(test_database: TestDatabase, organization: Organization) -> None:
    test_database.rows("CREATE ROLE bypasser LOGIN BYPASSRLS")
    unbound = Database(test_database.app_url.replace("banxway_app", "bypasser"))
    try:
        with pytest.raises(SettingsError, match="bypasser"), unbound.organization(organization.id):
            raise AssertionError("no scope may open")
    finally:
        test_database.rows("DROP ROLE bypasser")


@pytest.mark.parametrize("version", [140020, 150013, 160009, 170005, 190000], ids=str)
def test_a_server_below_its_patched_release_is_refused(version: int) -> None:
    with pytest.raises(SettingsError, match="is not served"):
        refuse_unsafe_server(version)


@pytest.mark.parametrize("version", [150014, 160010, 170006, 180000, 180004], ids=str)
def test_a_patched_server_is_served(version: int) -> None:
    refuse_unsafe_server(version)


def test_the_statement_timeout_is_a_clear_refusal(database: Database, organization: Organization) -> None:
    from banxway.errors import Unavailable

    with (
        pytest.raises(Unavailable, match="too long"),
        database.organization(organization.id, timeout_ms=50) as t,
    ):
        t.execute("SELECT pg_sleep(5)")

    with database.organization(organization.id) as transaction:
        assert transaction.one("SELECT 1 AS one") == {"one": 1}


def test_the_session_keeps_no_scope_after_a_transaction(
    database: Database, organization: Organization
) -> None:
    with database.organization(organization.id):
        pass

    left = database._live_connection().execute("SELECT count(*) AS seen FROM users").fetchone()

    assert left == {"seen": 0}


def test_connections_are_made_as_a_pooler_needs_them(
    test_database: TestDatabase, organization: Organization
) -> None:
    seen = {}

    def connect(url: str, **options: object) -> psycopg.Connection:
        seen.update(options)
        return psycopg.connect(url, **options)

    database = Database(test_database.app_url, connect=connect)
    with database.organization(organization.id):
        pass
    database.close()

    assert seen["prepare_threshold"] is None
    assert seen["autocommit"] is True
