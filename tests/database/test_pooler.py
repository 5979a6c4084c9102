"""Behind a pooler that moves every transaction to another backend, no scope reaches the next (threats 4 and 5)."""

import itertools
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from banxway.errors import SettingsError
from banxway.storage.database import Database
from tests.support.databases.pooled import QUESTION, PooledClient, add_organizations
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.databases.postgres_wire import TransactionPooler, claim_server_version, over_tcp, socket_of
from tests.support.databases.relay import Relay

Connection = psycopg.Connection[dict[str, Any]]

_KINDS = ("organization", "user", "failing", "system", "unknown user")


@pytest.fixture
def organizations(test_database: TestDatabase) -> list[Organization]:
    return add_organizations(test_database, 7)


@pytest.mark.parametrize("backends", [1, 3])
def test_transactions_of_organizations_that_share_backends_see_none_of_each_others_rows(
    test_database: TestDatabase, organizations: list[Organization], backends: int
) -> None:
    """Each kind of work after each other kind, by two processes in turn; and what is left between any two."""
    one, other, *_ = organizations
    left: list[tuple[str, list[dict[str, Any]]]] = []
    with TransactionPooler(test_database.app_url, backends=backends) as pooler:
        url = over_tcp(test_database.app_url, pooler.port)
        databases = Database(url), Database(url)
        clients = [PooledClient(database) for database in databases]
        with psycopg.connect(url, autocommit=True, prepare_threshold=None, row_factory=dict_row) as scopeless:
            for kinds in itertools.product(_KINDS, _KINDS):
                for client, kind, organization in zip(clients, kinds, (one, other), strict=True):
                    client.kinds[kind](organization)
                    # On one backend, this looks where the last one worked; on several, where chance leads.
                    left += [(kind, scopeless.execute(QUESTION).fetchall()) for _ in range(backends + 1)]
        for database in databases:
            database.close()

    assert [stranger for client in clients for stranger in client.strangers] == []
    assert [(kind, rows) for kind, rows in left if rows] == []
    assert len(left) == 2 * len(_KINDS) ** 2 * (backends + 1)
    assert (pooler.moves > 0) == (backends > 1)


def test_what_is_set_for_a_session_would_be_seen_by_the_next_client(
    test_database: TestDatabase, organizations: list[Organization]
) -> None:
    """The control: this pooler does leak what a careless client leaves behind, and so would be noticed."""
    with TransactionPooler(test_database.app_url, backends=1) as pooler:
        url = over_tcp(test_database.app_url, pooler.port)
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as careless:
            careless.execute(
                "SELECT set_config('app.organization_id', %s, false)", (str(organizations[0].id),)
            )
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as next_client:
            leaked = next_client.execute(QUESTION).fetchall()

    assert {row["organization_id"] for row in leaked} == {organizations[0].id}


def test_one_prepared_statement_serves_organizations_in_turn(
    app: Connection, organizations: list[Organization]
) -> None:
    """A plan is kept by the server from its sixth use on; the scope is read again each time (threat 5)."""
    app.execute("PREPARE question AS SELECT organization_id FROM customers")
    seen = []
    for number in range(200):
        organization = organizations[number % 7]
        with app.transaction():
            app.execute("SELECT enter_scope('organization', %s, 10000)", (organization.id,))
            seen.append((organization.id, app.execute("EXECUTE question").fetchall()))
    kept = app.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements").fetchone()

    assert [rows for owner, rows in seen if rows != [{"organization_id": owner}]] == []
    assert kept is not None
    assert kept["generic_plans"] > 100


@pytest.mark.parametrize("version", ["17.5", "16.9", "15.13", "14.20"])
def test_a_server_below_its_patched_release_is_refused_at_connect(
    test_database: TestDatabase, organizations: list[Organization], version: str
) -> None:
    with Relay(socket_of(test_database.app_url)) as relay:
        relay.to_client.rewrite = claim_server_version(version)
        database = Database(over_tcp(test_database.app_url, relay.port))

        with (
            pytest.raises(SettingsError, match=f"PostgreSQL {version} is not supported"),
            database.organization(organizations[0].id),
        ):
            raise AssertionError("no scope may open")

        relay.to_client.rewrite = claim_server_version("17.6")
        with database.organization(organizations[0].id) as transaction:
            assert len(transaction.all("SELECT id FROM users")) == 3
        database.close()
