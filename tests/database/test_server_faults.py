"""The server and the way to it break at every moment: what was confirmed is there, all of it or nothing is."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from banxway.errors import Unavailable
from banxway.storage.database import CommitUncertain, Database, Transaction
from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.databases.postgres_wire import over_tcp, socket_of
from tests.support.databases.relay import Relay
from tests.support.timing.racing import all_at_once

_ADD = "INSERT INTO customers (id, organization_id, name) VALUES (%s, %s, %s)"
_LINK = """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           VALUES (%s, %s, 'email', %s, 'inbound')"""


@pytest.fixture
def relay(test_database: TestDatabase) -> Iterator[Relay]:
    with Relay(socket_of(test_database.app_url)) as relay:
        yield relay


@pytest.fixture
def relayed(test_database: TestDatabase, relay: Relay) -> Iterator[Database]:
    """The product's connection, through the relay."""
    database = Database(over_tcp(test_database.app_url, relay.port))
    yield database
    database.close()


def _add_customer(database: Database, organization: UUID, customer: UUID) -> None:
    with database.organization(organization) as transaction:
        _add(transaction, organization, customer)


def _add(transaction: Transaction, organization: UUID, customer: UUID, *, statements: int = 2) -> None:
    """Add a customer and their address, or only the first of the two."""
    transaction.execute(_ADD, (customer, organization, "Asha"))
    if statements == 2:
        transaction.execute(_LINK, (organization, customer, f"{customer}@customer.example"))


def _found(test_database: TestDatabase, customer: UUID) -> int:
    """Count a customer's rows: two or none."""
    (row,) = test_database.rows(
        """SELECT (SELECT count(*) FROM customers WHERE id = %s)
                + (SELECT count(*) FROM customer_addresses WHERE customer_id = %s) AS rows""",
        (customer, customer),
    )
    return int(row["rows"])


# Fault 31: BEGIN, scope, two statements, COMMIT: five requests, cut at each.


@pytest.mark.parametrize("request_number", [1, 2, 3, 4, 5])
def test_a_transaction_cut_before_any_of_its_statements_is_done_whole_or_not_at_all(
    relay: Relay,
    relayed: Database,
    test_database: TestDatabase,
    organization: Organization,
    request_number: int,
) -> None:
    with relayed.organization(organization.id):
        pass
    customer = uuid4()
    relay.cut_at_request(request_number)

    # Before the scope is open nothing has been done, so that the transaction begins again automatically.
    begins_again = request_number <= 2
    if begins_again:
        _add_customer(relayed, organization.id, customer)
    else:
        with pytest.raises(CommitUncertain if request_number == 5 else Unavailable):
            _add_customer(relayed, organization.id, customer)

    assert _found(test_database, customer) == (2 if begins_again else 0)
    another = uuid4()
    _add_customer(relayed, organization.id, another)
    assert _found(test_database, another) == 2


@pytest.mark.parametrize("statement", [b"INSERT INTO customers", b"INSERT INTO customer_addresses"])
def test_a_statement_whose_answer_is_lost_undoes_its_transaction(
    relay: Relay, relayed: Database, test_database: TestDatabase, organization: Organization, statement: bytes
) -> None:
    customer = uuid4()
    relay.lose_answer_to(statement)

    with pytest.raises(Unavailable, match="nothing was changed"):
        _add_customer(relayed, organization.id, customer)

    assert relay.lost_answers == 1
    assert _found(test_database, customer) == 0


def test_a_commit_whose_answer_is_lost_is_called_uncertain_and_not_undone(
    relay: Relay, relayed: Database, test_database: TestDatabase, organization: Organization
) -> None:
    customer = uuid4()
    relay.lose_answer_to(b"COMMIT")

    with pytest.raises(CommitUncertain, match="check before repeating"):
        _add_customer(relayed, organization.id, customer)

    assert _found(test_database, customer) == 2


@pytest.mark.parametrize("size", [1, 7, 60, 400])
def test_an_answer_cut_after_any_number_of_bytes_is_unavailable_and_leaves_nothing_half(
    relay: Relay, relayed: Database, test_database: TestDatabase, organization: Organization, size: int
) -> None:
    customer = uuid4()
    relay.to_client.cut_after = size

    with pytest.raises(Unavailable):
        _add_customer(relayed, organization.id, customer)
    relay.heal()

    assert _found(test_database, customer) in (0, 2)
    _add_customer(relayed, organization.id, uuid4())


def test_a_server_that_refuses_connections_is_unavailable_until_it_takes_them(
    relay: Relay, relayed: Database, test_database: TestDatabase, organization: Organization
) -> None:
    relay.refuse()
    customer = uuid4()

    with pytest.raises(Unavailable, match="does not answer"):
        _add_customer(relayed, organization.id, customer)

    relay.accept()
    _add_customer(relayed, organization.id, customer)
    assert _found(test_database, customer) == 2


def test_a_server_that_takes_a_connection_and_says_nothing_is_given_up_on(
    relay: Relay, relayed: Database, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing will ever come, so that how long is waited changes nothing: here a tenth of a second."""
    relay.to_client.is_black_hole = True
    patience: list[int] = []
    chosen = psycopg.connection.timeout_from_conninfo

    def shortened(parameters: Any) -> float:
        patience.append(chosen(parameters))
        return 0.1

    monkeypatch.setattr(psycopg.connection, "timeout_from_conninfo", shortened)

    with pytest.raises(Unavailable, match="does not answer"), relayed.organization(organization.id):
        raise AssertionError("no scope may open")

    # Twice its patience is what a caller waits at most, well below API Gateway's 30 s.
    assert patience == [5, 5]


# Fault 33, as far as a service meets it.


def test_of_two_transactions_that_wait_for_each_other_one_is_refused_and_one_goes_on(
    test_database: TestDatabase, organization: Organization
) -> None:
    one, other = (Database(test_database.app_url) for _ in range(2))
    first, second = uuid4(), uuid4()
    for customer in (first, second):
        _add_customer(one, organization.id, customer)
    holds = threading.Barrier(2)

    def lock(database: Database, mine: UUID, theirs: UUID) -> str:
        try:
            with database.organization(organization.id) as transaction:
                transaction.execute("UPDATE customers SET name = 'x' WHERE id = %s", (mine,))
                holds.wait()
                transaction.execute("UPDATE customers SET name = 'x' WHERE id = %s", (theirs,))
            return "done"
        except Unavailable as error:
            return error.code

    outcomes = all_at_once([partial(lock, one, first, second), partial(lock, other, second, first)])
    one.close()
    other.close()

    assert sorted(outcomes) == ["done", "unavailable"]


# Fault 30. Under load: tests/soak/test_server_kills.py.


@pytest.fixture
def mortal() -> Iterator[PostgresServer]:
    """A server that may be killed. What is committed in the background stays in its memory for ten seconds."""
    with PostgresServer.running() as server:
        with psycopg.connect(server._url("postgres", "postgres"), autocommit=True) as superuser:
            superuser.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            superuser.execute("SELECT pg_reload_conf()")
        yield server


def test_a_server_killed_under_load_has_lost_nothing_that_it_confirmed(mortal: PostgresServer) -> None:
    """It dies while writers stand at each step of a transaction; what follows needs no restart of theirs."""
    with mortal.database() as database, Relay(socket_of(database.app_url)) as relay, ExitStack() as stack:
        organization = database.add_organization()

        def writer(url: str = database.app_url) -> Database:
            return stack.enter_context(closing(Database(url)))

        in_scope, in_the_middle, before_commit, after_commit = (writer() for _ in range(4))
        answerless = writer(over_tcp(database.app_url, relay.port))
        confirmed, begun, uncertain = [uuid4() for _ in range(20)], [uuid4() for _ in range(3)], uuid4()

        with ExitStack() as broken:

            def begin(process: Database, expected: type[Exception]) -> Transaction:
                broken.enter_context(pytest.raises(expected))
                return broken.enter_context(process.organization(organization.id))

            # Each stands still there, and finds out when its block ends.
            begin(in_scope, CommitUncertain)
            _add(begin(in_the_middle, CommitUncertain), organization.id, begun[0], statements=1)
            _add(begin(before_commit, CommitUncertain), organization.id, begun[1])
            for customer in confirmed:
                _add_customer(after_commit, organization.id, customer)
            relay.lose_answer_to(b"COMMIT")
            with pytest.raises(CommitUncertain):
                _add_customer(answerless, organization.id, uncertain)
            mortal.kill()
        mortal.start_again()

        # The server had committed it, although the client never heard of it.
        assert {row["id"] for row in database.rows("SELECT id FROM customers")} == {*confirmed, uncertain}
        assert [_found(database, each) for each in (*confirmed, uncertain)] == [2] * 21
        for process in (in_scope, in_the_middle, before_commit, after_commit, answerless):
            customer = uuid4()
            _add_customer(process, organization.id, customer)
            assert _found(database, customer) == 2


def test_a_statement_that_the_killed_server_was_asked_undoes_its_transaction(mortal: PostgresServer) -> None:
    with mortal.database() as database, closing(Database(database.app_url)) as process:
        organization, customer = database.add_organization(), uuid4()

        with pytest.raises(Unavailable, match="nothing was changed"):  # noqa: SIM117 -- in this order
            with process.organization(organization.id) as transaction:
                _add(transaction, organization.id, customer, statements=1)
                mortal.kill()
                transaction.execute(_LINK, (organization.id, customer, "asha@customer.example"))
        mortal.start_again()

        assert _found(database, customer) == 0
