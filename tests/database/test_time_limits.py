"""Time limits of each kind of function: nobody blocks an organization for ever, and nobody waits for ever."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from banxway.errors import Unavailable
from banxway.models.time_limits import LIMITS, WORKER
from banxway.reasons import Reason
from banxway.storage.database import Database, Transaction
from banxway.storage.realtime import changes
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.databases.postgres_wire import TransactionPooler, over_tcp
from tests.support.gates.tree import ROOT
from tests.support.timing.waiting import eventually

_SHOWN = """
    SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
           current_setting('idle_in_transaction_session_timeout') AS idle"""
_NONE = {"statement": "0", "lock": "0", "idle": "0"}
_SHORT = replace(WORKER, lock_ms=200, idle_ms=200)


@pytest.fixture
def hasty(test_database: TestDatabase) -> Iterator[Database]:
    """A process that may neither wait nor stand still for long."""
    with closing(Database(test_database.app_url, limits=lambda: _SHORT)) as database:
        yield database


def _number_a_change(transaction: Transaction, organization: Organization) -> int:
    return changes.record(transaction, organization_id=organization.id, kind="message.status")


def _backend(transaction: Transaction) -> int:
    return int(transaction.single("SELECT pg_backend_pid() AS pid")["pid"])


def test_a_holder_that_stands_still_is_ended_and_its_organization_goes_on(
    hasty: Database, database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    """As an instance does that Lambda freezes between numbering a change and COMMIT."""
    with ExitStack() as frozen:
        transaction = frozen.enter_context(hasty.organization(organization.id))
        _number_a_change(transaction, organization)
        pid = _backend(transaction)
        alive = "SELECT FROM pg_stat_activity WHERE pid = %s"
        eventually(lambda: not test_database.rows(alive, (pid,)))

        with database.organization(organization.id) as other:
            assert _number_a_change(other, organization) == 1

        with pytest.raises(Unavailable, match="stood still") as ended:
            frozen.close()
    assert ended.value.reason == Reason.DATABASE_IDLE
    assert test_database.rows("SELECT count(*) AS n FROM changes") == [{"n": 1}]


def test_a_statement_after_standing_still_says_so_and_the_next_scope_connects_again(
    hasty: Database, test_database: TestDatabase, organization: Organization
) -> None:
    alive = "SELECT FROM pg_stat_activity WHERE pid = %s"
    with pytest.raises(Unavailable, match="stood still"), hasty.organization(organization.id) as transaction:
        pid = _backend(transaction)
        eventually(lambda: not test_database.rows(alive, (pid,)))
        transaction.execute("SELECT 1")

    with hasty.organization(organization.id) as transaction:
        assert _number_a_change(transaction, organization) == 1


def test_who_waits_too_long_for_a_lock_gives_up_and_keeps_the_connection(
    hasty: Database, database: Database, test_database: TestDatabase, organization: Organization
) -> None:
    other = test_database.add_organization("Other")
    with database.organization(organization.id) as holder:
        _number_a_change(holder, organization)

        with (
            pytest.raises(Unavailable, match="Other work") as given_up,
            hasty.organization(organization.id) as waiting,
        ):
            _number_a_change(waiting, organization)
        state = hasty._live_connection().info.transaction_status
        with hasty.organization(other.id) as elsewhere:
            assert _number_a_change(elsewhere, other) == 1

    assert (given_up.value.reason, given_up.value.status) == (Reason.DATABASE_LOCKED, 503)
    assert state is TransactionStatus.IDLE


def test_each_kind_of_function_has_limits_which_end_with_its_transaction(
    test_database: TestDatabase, organization: Organization
) -> None:
    found: dict[str, Any] = {}
    for kind, limits in LIMITS.items():
        with closing(Database(test_database.app_url, limits=lambda limits=limits: limits)) as database:
            scopes = {"organization": database.organization(organization.id), "system": database.system()}
            for name, scope in scopes.items():
                with scope as transaction:
                    found[kind, name] = transaction.single(_SHOWN)
            left = database._live_connection().execute(_SHOWN).fetchone()
        assert left == _NONE

    assert found == {
        (kind, scope): {name: f"{ms // 1000}s" for name, ms in _named(kind).items()}
        for kind, scope in itertools.product(LIMITS, ("organization", "system"))
    }


def _named(kind: str) -> dict[str, int]:
    limits = LIMITS[kind]
    return {"statement": limits.statement_ms, "lock": limits.lock_ms, "idle": limits.idle_ms}


def test_a_signed_in_users_transaction_has_them_too(database: Database, organization: Organization) -> None:
    with database.as_actor(database.sign_in(str(organization.agent))) as transaction:
        shown = transaction.single(_SHOWN)

    assert shown == {"statement": "5s", "lock": "8s", "idle": "30s"}


def test_behind_a_pooler_the_next_client_has_none_of_them(
    test_database: TestDatabase, organization: Organization
) -> None:
    with TransactionPooler(test_database.app_url, backends=1) as pooler:
        url = over_tcp(test_database.app_url, pooler.port)
        with closing(Database(url)) as database, database.organization(organization.id):
            pass
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as next_client:
            assert next_client.execute(_SHOWN).fetchone() == ("0", "0", "0")


def test_who_waits_gives_up_before_its_statement_ends() -> None:
    """Else the error would name the statement, not the lock."""
    assert [kind for kind, limits in LIMITS.items() if limits.lock_ms >= limits.statement_ms] == []


def test_the_table_of_operations_says_the_limits() -> None:
    page = (Path(ROOT) / "docs/operations.md").read_text(encoding="utf-8")
    rows = [
        f"| {kind} | {limits.statement_ms // 1000} s | {limits.lock_ms // 1000} s | {limits.idle_ms // 1000} s |"
        for kind, limits in LIMITS.items()
    ]

    assert [row for row in rows if row not in page] == []
