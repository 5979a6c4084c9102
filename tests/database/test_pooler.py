"""Behind a pooler that moves every transaction to another backend, no scope reaches the next (threats 4 and 5)."""

import contextlib
import random
import threading
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from banxway.errors import NotAuthenticated, SettingsError
from banxway.storage.database import Database, Transaction
from tests.support.postgres import Organization, TestDatabase
from tests.support.postgres_wire import TransactionPooler, claim_server_version, over_tcp, socket_of
from tests.support.relay import Relay

Connection = psycopg.Connection[dict[str, Any]]

_ORGANIZATIONS, _CLIENTS, _TRANSACTIONS = 50, 8, 10_000
_QUESTION = "SELECT organization_id FROM customers UNION ALL SELECT organization_id FROM users"


class Client:
    """One process behind the pooler, doing a mixture of work and noting every row that was not its own."""

    def __init__(self, database: Database, organizations: list[Organization], seed: int) -> None:
        self._database = database
        self._organizations = organizations
        self._random = random.Random(seed)
        self.strangers: list[tuple[str, UUID, UUID]] = []
        self.done = 0
        self.failure: BaseException | None = None

    def work(self, transactions: int) -> None:
        """Do so many transactions of every kind."""
        kinds = (self._as_organization, self._as_user, self._failing, self._as_system, self._unknown_user)
        try:
            while self.done < transactions:
                self.done += 1
                kind = self._random.choices(kinds, weights=(50, 20, 10, 15, 5))[0]
                kind(self._random.choice(self._organizations))
        except BaseException as error:  # noqa: BLE001  # reported by the test's own thread
            self.failure = error
        finally:
            self._database.close()

    def _look(self, transaction: Transaction, kind: str, organization: UUID) -> None:
        rows = transaction.all(_QUESTION)
        self.strangers += [
            (kind, organization, row["organization_id"])
            for row in rows
            if row["organization_id"] != organization
        ]
        if len(rows) != 4:
            self.strangers.append((f"{kind} saw {len(rows)} rows", organization, organization))

    def _as_organization(self, organization: Organization) -> None:
        with self._database.organization(organization.id) as transaction:
            self._look(transaction, "organization", organization.id)

    def _as_user(self, organization: Organization) -> None:
        actor = self._database.sign_in(organization.agent)
        with self._database.as_actor(actor) as transaction:
            self._look(transaction, "user", organization.id)

    def _failing(self, organization: Organization) -> None:
        with contextlib.suppress(RuntimeError), self._database.organization(organization.id) as transaction:
            self._look(transaction, "failing", organization.id)
            raise RuntimeError("in the middle")

    def _as_system(self, organization: Organization) -> None:
        with self._database.system() as transaction:
            seen = transaction.all(_QUESTION)
        self.strangers += [("system", organization.id, row["organization_id"]) for row in seen]

    def _unknown_user(self, organization: Organization) -> None:
        with contextlib.suppress(NotAuthenticated):
            self._database.sign_in(uuid4())
            self.strangers.append(("unknown user signed in", organization.id, organization.id))


@pytest.fixture
def organizations(test_database: TestDatabase) -> list[Organization]:
    """Fifty organizations with three users and a customer each."""
    test_database.rows(
        """INSERT INTO organizations (id, name)
           SELECT gen_random_uuid(), 'Organization ' || n FROM generate_series(1, %s) AS n""",
        (_ORGANIZATIONS,),
    )
    test_database.rows(
        """INSERT INTO users (id, organization_id, email, role)
           SELECT gen_random_uuid(), o.id, r || '@' || o.id, r
           FROM organizations o, unnest(ARRAY['admin', 'manager', 'agent']) AS r"""
    )
    test_database.rows(
        "INSERT INTO customers (id, organization_id, name) SELECT gen_random_uuid(), id, name FROM organizations"
    )
    found: dict[UUID, dict[str, UUID]] = {}
    for user in test_database.rows("SELECT id, organization_id, role FROM users"):
        found.setdefault(user["organization_id"], {})[user["role"]] = user["id"]
    return [Organization(id=one, **users) for one, users in found.items()]


def test_ten_thousand_transactions_of_fifty_organizations_see_none_of_each_others_rows(
    test_database: TestDatabase, organizations: list[Organization]
) -> None:
    with TransactionPooler(test_database.app_url, backends=4) as pooler:
        url = over_tcp(test_database.app_url, pooler.port)
        clients = [Client(Database(url), organizations, seed) for seed in range(_CLIENTS)]
        share = _TRANSACTIONS // _CLIENTS
        threads = [threading.Thread(target=client.work, args=(share,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [client.failure for client in clients] == [None] * _CLIENTS
    assert sum(client.done for client in clients) == _TRANSACTIONS
    assert [stranger for client in clients for stranger in client.strangers] == []
    assert pooler.moves > _TRANSACTIONS / 4


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
            leaked = next_client.execute(_QUESTION).fetchall()

    assert {row["organization_id"] for row in leaked} == {organizations[0].id}


def test_between_transactions_of_others_a_client_without_a_scope_sees_nothing(
    test_database: TestDatabase, organizations: list[Organization]
) -> None:
    seen = []
    with TransactionPooler(test_database.app_url, backends=1) as pooler:
        url = over_tcp(test_database.app_url, pooler.port)
        database = Database(url)
        with psycopg.connect(url, autocommit=True, prepare_threshold=None, row_factory=dict_row) as scopeless:
            for organization in organizations:
                with database.organization(organization.id):
                    pass
                seen += scopeless.execute(_QUESTION).fetchall()
        database.close()

    assert seen == []


def test_one_prepared_statement_serves_organizations_in_turn(
    app: Connection, organizations: list[Organization]
) -> None:
    """A plan is kept by the server from its sixth use on; the scope is read anew each time (threat 5)."""
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
            pytest.raises(SettingsError, match=f"PostgreSQL {version} is not served"),
            database.organization(organizations[0].id),
        ):
            raise AssertionError("no scope may open")

        relay.to_client.rewrite = claim_server_version("17.6")
        with database.organization(organizations[0].id) as transaction:
            assert len(transaction.all("SELECT id FROM users")) == 3
        database.close()
