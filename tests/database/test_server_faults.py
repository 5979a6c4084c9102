"""The server and the way to it break at every moment: what was confirmed is there, all of it or nothing is."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psutil
import psycopg
import pytest

from banxway.errors import Unavailable
from banxway.storage.database import CommitUncertain, Database
from tests.support.postgres import Organization, PostgresServer, TestDatabase
from tests.support.postgres_wire import over_tcp, socket_of
from tests.support.relay import Relay

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
        transaction.execute(_ADD, (customer, organization, "Asha"))
        transaction.execute(_LINK, (organization, customer, f"{customer}@customer.example"))


def _found(test_database: TestDatabase, customer: UUID) -> int:
    """Count a customer's rows, of which there are two or none."""
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

    # Before the scope is open nothing has been done, so that the transaction begins again by itself.
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
    relay: Relay, test_database: TestDatabase, organization: Organization
) -> None:
    relay.to_client.is_black_hole = True
    patience: list[int] = []

    def connect(url: str, **options: Any) -> psycopg.Connection[Any]:
        patience.append(options.pop("connect_timeout"))
        return psycopg.connect(url, connect_timeout=2, **options)

    silent = Database(over_tcp(test_database.app_url, relay.port), connect=connect)

    with pytest.raises(Unavailable), silent.organization(organization.id):
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
    outcomes: list[str] = []

    def lock(database: Database, mine: UUID, theirs: UUID) -> None:
        try:
            with database.organization(organization.id) as transaction:
                transaction.execute("UPDATE customers SET name = 'x' WHERE id = %s", (mine,))
                holds.wait()
                transaction.execute("UPDATE customers SET name = 'x' WHERE id = %s", (theirs,))
            outcomes.append("done")
        except Unavailable as error:
            outcomes.append(error.code)

    threads = [
        threading.Thread(target=lock, args=(one, first, second)),
        threading.Thread(target=lock, args=(other, second, first)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.close()
    other.close()

    assert sorted(outcomes) == ["done", "unavailable"]


# Fault 30.


def test_a_server_killed_under_load_has_lost_nothing_that_it_confirmed() -> None:
    with PostgresServer.running() as server, server.database() as database:
        organization = database.add_organization()
        confirmed: list[UUID] = []
        uncertain: list[UUID] = []
        stop = threading.Event()

        def write() -> None:
            mine = Database(database.app_url)
            while not stop.is_set():
                customer = uuid4()
                try:
                    _add_customer(mine, organization.id, customer)
                    confirmed.append(customer)
                except CommitUncertain:
                    uncertain.append(customer)
                except Unavailable:
                    stop.wait(0.02)
            mine.close()

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        for _ in range(2):
            _wait_for(confirmed, len(confirmed) + 200)
            _kill(server)
            server.start_again()
        _wait_for(confirmed, len(confirmed) + 50)
        stop.set()
        for writer in writers:
            writer.join()

        kept = {row["id"] for row in database.rows("SELECT id FROM customers")}
        halves = database.rows(
            """SELECT c.id FROM customers c FULL JOIN customer_addresses a ON a.customer_id = c.id
               WHERE c.id IS NULL OR a.customer_id IS NULL"""
        )
        assert set(confirmed) - kept == set()
        assert kept - set(confirmed) <= set(uncertain)
        assert halves == []


def _wait_for(confirmed: list[UUID], count: int) -> None:
    deadline = time.monotonic() + 30
    while len(confirmed) < count:
        assert time.monotonic() < deadline, "the writers stand still"
        time.sleep(0.01)


def _kill(server: PostgresServer) -> None:
    """Kill the postmaster and whatever it started, as a machine that dies would."""
    postmaster = psutil.Process(server.postmaster_pid)
    everybody = [postmaster, *postmaster.children(recursive=True)]
    for process in everybody:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    psutil.wait_procs(everybody, timeout=10)
