"""Scopes: what a statement sees, and what happens when the connection dies."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from banxway.errors import NotAuthenticated, SettingsError, Unavailable, UnknownSubject
from banxway.models.time_limits import TimeLimits
from banxway.reasons import Reason
from banxway.storage.database import CommitUncertain, Database, Transaction
from banxway.storage.server.checks import refuse_unsafe_server
from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.timing.racing import held_changes
from tests.support.timing.waiting import PATIENCE_S


@pytest.fixture
def test_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """An empty database, the same for every test here: none of them changes the schema."""
    with postgres.emptied_database() as database:
        yield database


class Connector:
    """Connects as the product does, and records the arguments of each connection."""

    def __init__(self) -> None:
        self.options: list[dict[str, Any]] = []
        self.failures: list[Exception] = []

    def __call__(self, url: str, **options: Any) -> Any:
        self.options.append(options)
        if self.failures:
            raise self.failures.pop(0)
        return psycopg.connect(url, **options)

    @property
    def times(self) -> int:
        return len(self.options)


@pytest.fixture
def connector() -> Connector:
    return Connector()


@pytest.fixture
def database(test_database: TestDatabase, connector: Connector) -> Iterator[Database]:
    database = Database(test_database.app_url, connect=connector)
    yield database
    database.close()


def organizations_seen(transaction: Transaction) -> set[UUID]:
    return {row["organization_id"] for row in transaction.all("SELECT organization_id FROM users")}


def state_of(database: Database) -> TransactionStatus:
    """Return whether the connection is inside a transaction, as the server last reported."""
    assert database._connection is not None
    return database._connection.info.transaction_status


def backend_of(transaction: Transaction) -> int:
    return int(transaction.single("SELECT pg_backend_pid() AS pid")["pid"])


def test_a_user_works_in_their_own_organization(
    database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    test_database.add_organization("Other")
    actor = database.sign_in(str(organization.agent))

    with database.as_actor(actor) as transaction:
        seen = transaction.all("SELECT id FROM users")

    assert (actor.role, actor.organization_id) == ("agent", organization.id)
    assert {row["id"] for row in seen} == {organization.admin, organization.manager, organization.agent}


def test_a_deactivated_user_is_refused_at_the_next_scope(
    database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    actor = database.sign_in(str(organization.agent))
    database.release()
    test_database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.agent,))

    with pytest.raises(NotAuthenticated), database.as_actor(actor):
        raise AssertionError("no scope may open")


def test_a_dead_connection_is_replaced_before_anything_was_done(
    database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    with database.organization(organization.id) as transaction:
        pid = transaction.one("SELECT pg_backend_pid() AS pid")
    test_database.rows("SELECT pg_terminate_backend(%s, 60000)", (pid["pid"],))

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


def test_a_deactivated_user_enters_no_organization(
    test_database: TestDatabase, organization: Organization
) -> None:
    test_database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.agent,))
    with psycopg.connect(test_database.app_url) as connection:
        connection.execute("SELECT enter_user_scope(%s, 5000)", (organization.agent,))
        seen = connection.execute("SELECT scope_organization(), count(*) FROM users").fetchone()

    assert seen == (None, 1)  # their own row


@pytest.mark.parametrize("powers", ["BYPASSRLS", "SUPERUSER NOBYPASSRLS"])
def test_a_role_with_one_of_the_two_powers_is_refused(
    test_database: TestDatabase, organization: Organization, powers: str
) -> None:
    test_database.rows(f"CREATE ROLE mighty LOGIN {powers}")
    unbound = Database(test_database.app_url.replace("banxway_app", "mighty"))
    try:
        refused = pytest.raises(SettingsError, match="mighty, a role that bypasses")
        with refused, unbound.organization(organization.id):
            raise AssertionError("no scope may open")
    finally:
        test_database.rows("DROP ROLE mighty")


def test_the_refusal_of_a_server_names_the_supported_releases() -> None:
    with pytest.raises(SettingsError) as refused:
        refuse_unsafe_server(170005)

    assert str(refused.value) == (
        "PostgreSQL 17.5 is not supported: run one of 15.14, 16.10, 17.6, 18.0 or a later minor release of it"
    )


@pytest.mark.parametrize("version", [140020, 150013, 160009, 170005, 190000], ids=str)
def test_a_server_below_its_patched_release_is_refused(version: int) -> None:
    with pytest.raises(SettingsError, match="is not supported"):
        refuse_unsafe_server(version)


@pytest.mark.parametrize("version", [150014, 160010, 170006, 180000, 180004], ids=str)
def test_a_patched_server_is_served(version: int) -> None:
    refuse_unsafe_server(version)


def test_the_session_keeps_no_scope_after_a_transaction(
    database: Database, organization: Organization
) -> None:
    with database.organization(organization.id):
        pass

    left = database._live_connection().execute("SELECT count(*) AS seen FROM users").fetchone()

    assert left == {"seen": 0}


def test_connections_are_made_as_a_pooler_needs_them_and_give_up_on_a_dead_peer(
    database: Database, connector: Connector, organization: Organization
) -> None:
    with database.organization(organization.id):
        pass

    (options,) = connector.options
    # Behind a transaction-mode pooler the next transaction may run on another backend, without what was prepared.
    assert (options["prepare_threshold"], options["autocommit"]) == (None, True)
    # Twice 5 s, since a scope is tried twice, is below API Gateway's 30 s.
    assert options["connect_timeout"] == 5
    # A peer that vanished is noticed after 30 + 3 × 10 s while waiting, and after 15 s while sending.
    keepalives = [
        options[name] for name in ("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count")
    ]
    assert keepalives == [1, 30, 10, 3]
    assert options["tcp_user_timeout"] == 15_000
    assert options["application_name"] == "banxway"


# What one scope leaves to the next.


Enter = Callable[[Database, Organization], AbstractContextManager[Transaction]]


@contextmanager
def _as_user(database: Database, organization: Organization) -> Iterator[Transaction]:
    with database.as_actor(database.sign_in(str(organization.agent))) as transaction:
        yield transaction


SCOPES: dict[str, Enter] = {
    "organization": lambda database, organization: database.organization(organization.id),
    "user": _as_user,
    "system": lambda database, _: database.system(),
}
every_scope = pytest.mark.parametrize("enter", SCOPES.values(), ids=SCOPES.keys())


def test_a_user_who_follows_a_sign_in_of_another_organization_sees_their_own_rows(
    database: Database, test_database: TestDatabase
) -> None:
    """A process keeps the transaction of a sign-in until work continues it; only that user's work may."""
    one, other = test_database.add_organization("One"), test_database.add_organization("Other")

    for before, follower in ((one, other), (other, one)):
        actor = database.sign_in(str(follower.agent))
        database.sign_in(str(before.agent))
        with database.as_actor(actor) as transaction:
            assert organizations_seen(transaction) == {follower.id}


@pytest.mark.parametrize("enter", [SCOPES["organization"], SCOPES["system"]], ids=["organization", "system"])
def test_a_sign_in_whose_work_never_came_reaches_into_no_scope_after_it(
    database: Database, test_database: TestDatabase, enter: Enter
) -> None:
    one, other = test_database.add_organization("One"), test_database.add_organization("Other")
    actor = database.sign_in(str(one.agent))

    with enter(database, other) as transaction:
        inside = transaction.single("SELECT scope_user() AS user, scope_organization() AS organization")
    with database.as_actor(actor) as transaction:
        after = organizations_seen(transaction)

    assert inside == {"user": None, "organization": other.id if enter is SCOPES["organization"] else None}
    assert after == {one.id}
    assert state_of(database) is TransactionStatus.IDLE


def test_a_sign_in_serves_one_scope_and_the_next_one_looks_again(
    database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    actor = database.sign_in(str(organization.agent))
    with database.as_actor(actor):
        pass
    test_database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.agent,))

    with pytest.raises(NotAuthenticated), database.as_actor(actor):
        raise AssertionError("no scope may open")


def test_the_role_that_was_checked_is_the_role_that_works(
    database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    """The sign-in and the work are one transaction, which no other change can reach."""
    actor = database.sign_in(str(organization.agent))
    begun = database._connection.execute("SELECT now() AS at").fetchone()  # type: ignore[union-attr]  # just made

    with database.as_actor(actor) as transaction:
        assert transaction.one("SELECT now() AS at") == begun
        assert transaction.single("SELECT current_setting('app.role') AS role") == {"role": "agent"}


def test_a_transaction_that_was_signed_in_is_ended_by_its_release(
    database: Database, organization: Organization
) -> None:
    database.sign_in(str(organization.agent))
    assert state_of(database) is TransactionStatus.INTRANS

    database.release()

    assert state_of(database) is TransactionStatus.IDLE


def test_an_unknown_user_leaves_no_transaction_open(database: Database, organization: Organization) -> None:
    for user in (uuid4(), organization.id):
        with pytest.raises(UnknownSubject):
            database.sign_in(str(user))
        assert state_of(database) is TransactionStatus.IDLE


def test_a_connection_that_was_closed_is_signed_in_no_more(
    database: Database, organization: Organization
) -> None:
    actor = database.sign_in(str(organization.agent))
    database.close()

    with database.as_actor(actor) as transaction:
        assert organizations_seen(transaction) == {organization.id}


@every_scope
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, RuntimeError])
def test_whatever_ends_a_scope_early_ends_its_transaction(
    database: Database, organization: Organization, enter: Enter, error: type[BaseException]
) -> None:
    with pytest.raises(error), enter(database, organization) as transaction:
        transaction.execute("SELECT 1")
        raise error

    assert state_of(database) is TransactionStatus.IDLE


@pytest.mark.parametrize("enter", [SCOPES["organization"], SCOPES["user"]], ids=["organization", "user"])
def test_what_a_scope_wrote_is_there_after_it(
    database: Database, test_database: TestDatabase, organization: Organization, enter: Enter
) -> None:
    with enter(database, organization) as transaction:
        added = transaction.execute(
            "INSERT INTO change_sequences (organization_id) VALUES (%s)", (organization.id,)
        )

    assert added == 1
    assert test_database.rows("SELECT organization_id FROM change_sequences") == [
        {"organization_id": organization.id}
    ]
    assert state_of(database) is TransactionStatus.IDLE


@pytest.mark.parametrize(
    ("enter", "timeout"),
    [(SCOPES["organization"], "10s"), (SCOPES["user"], "5s"), (SCOPES["system"], "10s")],
    ids=["organization", "user", "system"],
)
def test_every_scope_bounds_how_long_a_statement_may_take(
    database: Database, organization: Organization, enter: Enter, timeout: str
) -> None:
    """A person waits at most five seconds, below what API Gateway waits; a worker twice as long."""
    with enter(database, organization) as transaction:
        assert transaction.single("SHOW statement_timeout") == {"statement_timeout": timeout}

    left = database._live_connection().execute("SHOW statement_timeout").fetchone()
    assert left == {"statement_timeout": "0"}


def test_a_user_who_signs_in_again_has_no_more_time(database: Database, organization: Organization) -> None:
    actor = database.sign_in(str(organization.agent))
    database.release()

    with database.as_actor(actor) as transaction:
        assert transaction.single("SHOW statement_timeout") == {"statement_timeout": "5s"}


def test_a_scope_may_ask_for_more_time(database: Database, organization: Organization) -> None:
    actor = database.sign_in(str(organization.agent))
    database.release()
    scopes = {
        "organization": database.organization(organization.id, timeout_ms=61_000),
        "user": database.as_actor(actor, timeout_ms=62_000),
        "system": database.system(timeout_ms=63_000),
    }
    found = {}
    for name, scope in scopes.items():
        with scope as transaction:
            found[name] = transaction.single("SHOW statement_timeout")["statement_timeout"]

    assert found == {"organization": "61s", "user": "62s", "system": "63s"}


# When the server or the way to it fails.


def test_after_a_failover_the_next_scope_connects_again(
    database: Database, test_database: TestDatabase, connector: Connector, organization: Organization
) -> None:
    """The connection leads to a server that is now a standby; its host name leads to the new primary."""
    with (
        pytest.raises(Unavailable, match="read-only"),
        database.organization(organization.id) as transaction,
    ):
        transaction.execute("SET LOCAL transaction_read_only = on")
        transaction.execute("INSERT INTO change_sequences (organization_id) VALUES (%s)", (organization.id,))

    with database.organization(organization.id) as transaction:
        transaction.execute("INSERT INTO change_sequences (organization_id) VALUES (%s)", (organization.id,))
    assert connector.times == 2


@pytest.mark.parametrize("failures", [1, 2], ids=["once", "twice"])
def test_a_scope_tries_to_connect_twice(
    database: Database, connector: Connector, organization: Organization, failures: int
) -> None:
    connector.failures = [psycopg.OperationalError("no route to host")] * failures

    if failures == 1:
        with database.organization(organization.id) as transaction:
            assert organizations_seen(transaction) == {organization.id}
    else:
        with (
            pytest.raises(Unavailable, match="does not answer") as refused,
            database.organization(organization.id),
        ):
            raise AssertionError("no scope may open")
        assert str(refused.value.__cause__) == "no route to host"

    assert connector.times == 2


def test_a_statement_of_a_broken_connection_is_not_repeated(
    database: Database, test_database: TestDatabase, connector: Connector, organization: Organization
) -> None:
    """The work before it is rolled back, too; only the caller knows what to repeat."""
    with (
        pytest.raises(Unavailable, match="broke; nothing was changed"),
        database.organization(organization.id) as transaction,
    ):
        test_database.rows("SELECT pg_terminate_backend(%s, 60000)", (backend_of(transaction),))
        transaction.execute("INSERT INTO change_sequences (organization_id) VALUES (%s)", (organization.id,))

    assert test_database.rows("SELECT * FROM change_sequences") == []
    with database.organization(organization.id):
        pass
    assert connector.times == 2


def test_a_commit_of_a_broken_connection_is_uncertain(
    database: Database, test_database: TestDatabase, connector: Connector, organization: Organization
) -> None:
    with (
        pytest.raises(CommitUncertain, match="check before repeating") as uncertain,
        database.organization(organization.id) as transaction,
    ):
        test_database.rows("SELECT pg_terminate_backend(%s, 60000)", (backend_of(transaction),))

    assert (uncertain.value.code, uncertain.value.status) == ("commit_uncertain", 503)
    with database.organization(organization.id):
        pass
    assert connector.times == 2


def test_an_exception_inside_a_broken_connection_is_raised_as_it_is(
    database: Database, test_database: TestDatabase, connector: Connector, organization: Organization
) -> None:
    with (
        pytest.raises(RuntimeError, match="in the middle"),
        database.organization(organization.id) as transaction,
    ):
        test_database.rows("SELECT pg_terminate_backend(%s, 60000)", (backend_of(transaction),))
        raise RuntimeError("in the middle")

    with database.organization(organization.id):
        pass
    assert connector.times == 2


def test_a_statement_that_took_too_long_keeps_the_connection(
    database: Database, connector: Connector, organization: Organization
) -> None:
    with (
        pytest.raises(Unavailable, match="too long"),
        database.organization(organization.id, timeout_ms=50) as transaction,
    ):
        transaction.execute("SELECT pg_sleep(600)")

    assert state_of(database) is TransactionStatus.IDLE
    with database.organization(organization.id):
        pass
    assert connector.times == 1


def test_a_connection_that_is_refused_for_its_role_is_closed(
    test_database: TestDatabase, organization: Organization
) -> None:
    made: list[psycopg.Connection[Any]] = []

    def connect(url: str, **options: Any) -> Any:
        made.append(psycopg.connect(url, **options))
        return made[-1]

    unbound = Database(test_database.superuser_url, connect=connect)
    with pytest.raises(SettingsError), unbound.organization(organization.id):
        raise AssertionError("no scope may open")

    assert [connection.closed for connection in made] == [True]


def test_a_database_without_our_tables_says_to_run_the_migrations(postgres: PostgresServer) -> None:
    connector = Connector()
    with postgres.database(migrated=False) as empty:
        database = Database(empty.app_url, connect=connector)
        with pytest.raises(Unavailable, match="run the migrations"), database.system():
            raise AssertionError("no scope may open")

        # The next scope looks again: somebody may have run them.
        with pytest.raises(Unavailable, match="run the migrations"), database.system():
            raise AssertionError("no scope may open")

    assert connector.times == 2


def test_a_statement_that_must_yield_a_row_says_so(database: Database, organization: Organization) -> None:
    with database.organization(organization.id) as transaction:
        assert transaction.single("SELECT 1 AS one") == {"one": 1}
        assert transaction.one("SELECT 1 WHERE false") is None
        with pytest.raises(LookupError, match="yielded none"):
            transaction.single("SELECT 1 WHERE false")


def test_an_answer_may_name_the_process_that_asks(
    test_database: TestDatabase, organization: Organization
) -> None:
    database = Database(test_database.app_url, application_name="banxway-doctor")
    with database.organization(organization.id) as transaction:
        named = transaction.single("SHOW application_name")
    database.close()

    assert named == {"application_name": "banxway-doctor"}


def test_what_cannot_be_done_at_the_commit_undoes_everything_and_is_certain(
    test_database: TestDatabase, organization: Organization
) -> None:
    """A deferred trigger that waits too long for its lock ends the transaction, which is then said to be undone."""
    impatient = Database(
        test_database.app_url, limits=lambda: TimeLimits(PATIENCE_S * 1000, 1, PATIENCE_S * 1000)
    )
    with (
        held_changes(test_database, organization.id),
        pytest.raises(Unavailable, match="nothing was changed") as refused,
        impatient.organization(organization.id) as transaction,
    ):
        transaction.execute(
            "INSERT INTO key_rotations (organization_id, started_by) VALUES (%s, NULL)", (organization.id,)
        )
    impatient.close()

    assert (refused.value.reason, isinstance(refused.value, CommitUncertain)) == (
        Reason.DATABASE_LOCKED,
        False,
    )
    assert test_database.rows("SELECT * FROM key_rotations") == []
