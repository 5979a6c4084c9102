"""The row that says who polls a mailbox and when: every condition of its statements, one at a time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway.storage.email_sync import leases
from banxway.storage.email_sync.leases import Polled, TakeCondition
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.timing.database_clock import NOW

pytestmark = pytest.mark.usefixtures("database_clock")

ME, SOMEBODY = uuid4(), uuid4()


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Row:
    """One mailbox's row, read and changed from outside and by the statements under test."""

    def __init__(self, product: Product, organization: Organization, account: UUID) -> None:
        self.product = product
        self._organization = organization
        self.account = account

    def __getitem__(self, name: str) -> Any:
        return self.product.database.rows("SELECT * FROM email_accounts WHERE id = %s", (self.account,))[0][
            name
        ]

    def set(self, **columns: Any) -> None:
        if not columns:
            return
        names = ", ".join(f"{name} = %s" for name in columns)
        self.product.database.rows(
            f"UPDATE email_accounts SET {names} WHERE id = %s", (*columns.values(), self.account)
        )

    def do(self, act: Any, **given: Any) -> Any:
        """Run one of the statements in the mailbox's organization."""
        with self.product.app.infrastructure.database.organization(self._organization.id) as transaction:
            return act(transaction, account_id=self.account, **given)

    def take(self, when: TakeCondition = TakeCondition.DUE, holder: UUID = ME) -> Any:
        return self.do(leases.take, lease_s=90, when=when, holder=holder)

    def finish(self, *, fence: int = 1, **polled: Any) -> datetime | None:
        usual: dict[str, Any] = {
            "new_messages": 0, "new_threads": 0, "more_waits": False, "served": None, "holder": ME,
        }  # fmt: skip
        found: datetime | None = self.do(leases.finish, fence=fence, polled=Polled(**(usual | polled)))
        return found

    def fail(self, *, fence: int = 1, state: str = "ok", wait_s: float = 30, holder: UUID = ME) -> Any:
        return self.do(
            leases.fail,
            fence=fence,
            error="No answer",
            reason="timeout",
            state=state,
            wait_s=wait_s,
            holder=holder,
        )


@pytest.fixture
def row(product: Product, organization: Organization, account: UUID) -> Row:
    made = Row(product, organization, account)
    made.set(next_poll_at=NOW, fence=0, state_since=at(-1000))
    return made


# Taking.


def test_a_due_mailbox_is_taken_for_90_seconds_and_its_fence_raised(row: Row) -> None:
    taken = row.take()

    assert (taken.lease_until, taken.fence) == (at(90), 1)
    assert (row["lease_until"], row["fence"]) == (at(90), 1)


@pytest.mark.parametrize(
    ("columns", "is_taken"),
    [
        ({"lease_until": at(1)}, False),
        ({"lease_until": at(-1)}, True),
        ({"lease_until": None}, True),
        ({"imap_enabled": False}, False),
        ({"next_poll_at": at(1)}, True),
        ({"next_poll_at": at(1.1)}, False),
        ({"next_poll_at": at(-1000), "consecutive_failures": 3}, True),
    ],
)
def test_it_is_taken_when_it_is_due_and_nobodys(row: Row, columns: dict[str, Any], is_taken: bool) -> None:
    row.set(**columns)

    assert (row.take() is not None) is is_taken
    assert row["fence"] == int(is_taken)


@pytest.mark.parametrize(
    ("when", "failures", "is_taken"),
    [
        (TakeCondition.DUE, 0, False),
        (TakeCondition.HEALTHY, 0, True),
        (TakeCondition.HEALTHY, 1, False),
        (TakeCondition.ANY, 0, True),
        (TakeCondition.ANY, 1, True),
    ],
)
def test_one_that_is_not_due_is_taken_by_who_may(
    row: Row, when: TakeCondition, failures: int, is_taken: bool
) -> None:
    row.set(next_poll_at=at(100), consecutive_failures=failures)

    assert (row.take(when) is not None) is is_taken


@pytest.mark.parametrize("when", TakeCondition)
def test_one_that_is_somebodys_is_taken_by_nobody(row: Row, when: TakeCondition) -> None:
    row.set(lease_until=at(1))

    assert row.take(when) is None


@pytest.mark.parametrize(
    ("keeper", "until", "here", "elsewhere"),
    [
        (None, None, False, False),
        (ME, at(10), True, False),
        (ME, at(-10), True, False),
        (SOMEBODY, at(10), False, True),
        (SOMEBODY, at(-10), False, False),
    ],
    ids=["nobody", "this process", "this process, once", "another", "another, once"],
)
def test_who_takes_it_learns_who_keeps_a_connection(
    row: Row, keeper: UUID | None, until: datetime | None, here: bool, elsewhere: bool
) -> None:
    row.set(connection_holder=keeper, connection_kept_until=until)

    taken = row.take()

    assert (taken.is_kept_here, taken.is_kept_elsewhere) == (here, elsewhere)


@pytest.mark.parametrize(
    ("columns", "waits"),
    [
        ({}, True),
        ({"connection_holder": ME}, False),
        ({"connection_holder": None}, False),
        ({"connection_kept_until": at(-1)}, False),
        ({"lease_until": at(1)}, False),
        ({"lease_until": at(-1)}, True),
        ({"next_poll_at": at(2)}, False),
        ({"next_poll_at": at(1)}, True),
        ({"imap_enabled": False}, False),
    ],
)
def test_a_due_mailbox_waits_for_the_other_process_that_keeps_a_connection(
    row: Row, columns: dict[str, Any], waits: bool
) -> None:
    row.set(**({"connection_holder": SOMEBODY, "connection_kept_until": at(10)} | columns))

    assert row.do(leases.waits_for_keeper, holder=ME) is waits


# Holding.


def test_only_its_holder_renews_looks_at_and_gives_back_a_lease(row: Row) -> None:
    row.set(fence=7, lease_until=at(5))

    for fence in (6, 8):
        assert not row.do(leases.renew, fence=fence, lease_s=90)
        assert row.do(leases.find_held, fence=fence) is None
        row.do(leases.release, fence=fence, holder=ME)
    assert row["lease_until"] == at(5)
    assert row.do(leases.find_held, fence=7).lease_left_s == 5
    assert row.do(leases.renew, fence=7, lease_s=90)
    assert row["lease_until"] == at(90)
    row.do(leases.release, fence=7, holder=ME)
    assert row["lease_until"] is None


def test_a_holder_of_what_was_switched_off_sees_nothing(row: Row) -> None:
    row.set(fence=7, imap_enabled=False)

    assert row.do(leases.find_held, fence=7) is None


@pytest.mark.parametrize(("keeper", "left"), [(ME, None), (SOMEBODY, SOMEBODY)], ids=["its own", "another's"])
def test_a_lease_is_given_back_with_its_holders_connection(row: Row, keeper: UUID, left: UUID | None) -> None:
    row.set(fence=7, connection_holder=keeper, connection_kept_until=at(50))

    row.do(leases.release, fence=7, holder=ME)

    assert (row["connection_holder"], row["connection_kept_until"]) == (left, at(50) if left else None)


# A poll that worked.


def test_a_poll_that_worked_is_noted_and_its_lease_given_back(row: Row) -> None:
    row.set(
        fence=1, lease_until=at(50), consecutive_failures=3, last_poll_error="No answer", state="unreachable"
    )

    ended = row.finish(new_messages=3, new_threads=2)

    assert ended == row["last_polled_at"] == NOW
    assert (row["last_poll_messages"], row["last_poll_threads"]) == (3, 2)
    assert (row["last_poll_error"], row["consecutive_failures"]) == (None, 0)
    assert (row["state"], row["state_since"], row["lease_until"]) == ("ok", NOW, None)
    assert row["connection_holder"] is None


def test_a_state_that_stays_began_when_it_began(row: Row) -> None:
    row.set(fence=1)
    row.finish()
    assert row["state_since"] == at(-1000)

    row.fail()
    assert row["state_since"] == at(-1000)
    row.fail(state="blocked")
    assert row["state_since"] == NOW


def test_who_lost_the_lease_says_nothing_of_the_mailbox(row: Row) -> None:
    row.set(fence=7, lease_until=at(50), consecutive_failures=1, last_poll_error="theirs")

    for fence in (6, 8):
        assert row.finish(fence=fence) is None
        assert row.fail(fence=fence) is None

    assert (row["lease_until"], row["consecutive_failures"], row["last_poll_error"]) == (at(50), 1, "theirs")
    assert row["last_polled_at"] is None


@pytest.mark.parametrize(
    ("due", "next_poll"),
    [(0, 30), (-4, 26), (-29, 1), (-31, 0), (-1000, 0), (20, 30), (100, 30)],
    ids=["on time", "late", "very late", "missed", "for long", "early", "polled now"],
)
def test_the_next_poll_is_counted_from_when_this_one_was_due(row: Row, due: float, next_poll: float) -> None:
    row.set(fence=1, next_poll_at=at(due))

    row.finish()

    assert row["next_poll_at"] == at(next_poll)


def test_a_poll_whose_time_was_up_goes_on_at_once(row: Row) -> None:
    row.set(fence=1)

    row.finish(more_waits=True)

    assert row["next_poll_at"] == NOW


def test_a_holder_of_idle_keeps_its_lease(row: Row) -> None:
    row.set(fence=1, lease_until=at(50))

    row.finish(keeps_lease=True)

    assert row["lease_until"] == at(50)


@pytest.mark.parametrize(
    ("kept_s", "keeper", "expected"),
    [
        (120, None, (ME, at(120))),
        (120, SOMEBODY, (ME, at(120))),
        (0, ME, (None, None)),
        (0, SOMEBODY, (SOMEBODY, at(50))),
        (0, None, (None, at(50))),
    ],
)
def test_a_connection_that_is_kept_is_noted_and_anothers_left(
    row: Row, kept_s: int, keeper: UUID | None, expected: tuple[UUID | None, datetime | None]
) -> None:
    row.set(fence=1, connection_holder=keeper, connection_kept_until=at(50))

    row.finish(keeps_for_s=kept_s)

    assert (row["connection_holder"], row["connection_kept_until"]) == expected


@pytest.mark.parametrize(("served", "left"), [(at(-5), None), (at(-9), at(-5)), (None, at(-5))])
def test_a_poll_answers_the_request_that_it_began_with(
    row: Row, served: datetime | None, left: datetime | None
) -> None:
    """A request that came meanwhile waits for the next poll."""
    row.set(fence=1, poll_requested_at=at(-5))

    row.finish(served=served)

    assert row["poll_requested_at"] == left


# A poll that failed.


def test_a_poll_that_failed_is_noted_backed_off_from_and_its_lease_given_back(row: Row) -> None:
    row.set(fence=1, lease_until=at(50), consecutive_failures=2, poll_requested_at=at(-5))

    failed = row.fail(state="unreachable", wait_s=77)

    assert (failed.last_poll_error, failed.consecutive_failures) == ("No answer", 3)
    assert (failed.state, failed.last_failed_at) == ("unreachable", NOW)
    assert (failed.lease_until, failed.poll_requested_at) == (None, None)
    assert failed.next_poll_at == at(77)


@pytest.mark.parametrize(("keeper", "left"), [(ME, None), (SOMEBODY, SOMEBODY)], ids=["its own", "another's"])
def test_a_failure_ends_the_connection_of_who_failed(row: Row, keeper: UUID, left: UUID | None) -> None:
    row.set(fence=1, connection_holder=keeper, connection_kept_until=at(50))

    row.fail()

    assert (row["connection_holder"], row["connection_kept_until"]) == (left, at(50) if left else None)


# Asking.


@pytest.mark.parametrize(
    ("due", "failures", "expected"),
    [(20, 0, 0), (-20, 0, -20), (20, 1, 20)],
    ids=["not due", "overdue", "failing"],
)
def test_a_request_lets_a_mailbox_fall_due_unless_it_fails(
    row: Row, due: float, failures: int, expected: float
) -> None:
    row.set(next_poll_at=at(due), consecutive_failures=failures)

    asked = row.do(leases.request_poll)

    assert asked == row["poll_requested_at"] == NOW
    assert row["next_poll_at"] == at(expected)


@pytest.mark.parametrize(
    ("columns", "is_served"),
    [
        ({"last_polled_at": at(3)}, True),
        ({"last_polled_at": at(3), "poll_requested_at": NOW}, False),
        ({"last_polled_at": at(-3)}, False),
        ({"last_polled_at": NOW}, False),
    ],
    ids=["after it", "asked for another", "before it", "at that moment"],
)
def test_a_request_is_answered_by_a_poll_that_ended_after_it(
    row: Row, columns: dict[str, Any], is_served: bool
) -> None:
    row.set(**({"last_poll_messages": 4, "last_poll_threads": 2} | columns))

    found = row.do(leases.find_served, asked_at=NOW)

    assert (found is not None) is is_served
    if found:
        assert (found.new_messages, found.new_threads, found.poll_duration_ms) == (4, 2, 3000)


def test_how_long_ago_a_poll_failed_is_counted_from_the_last(row: Row) -> None:
    assert row.do(leases.seconds_since_failure) is None

    row.set(last_failed_at=at(-42))

    assert row.do(leases.seconds_since_failure) == 42


# Falling due.


def _due(row: Row, *, limit: int = 10) -> list[Any]:
    with row.product.app.infrastructure.database.system() as transaction:
        return leases.list_due(transaction, within_s=70, limit=limit)


@pytest.mark.parametrize(
    ("columns", "is_due"),
    [
        ({"next_poll_at": at(69)}, True),
        ({"next_poll_at": at(70)}, False),
        ({"imap_enabled": False}, False),
        ({"lease_until": at(50)}, True),
    ],
)
def test_what_falls_due_is_listed(row: Row, columns: dict[str, Any], is_due: bool) -> None:
    row.set(**columns)

    assert [found.id for found in _due(row)] == ([row.account] if is_due else [])


def test_what_is_overdue_longest_is_listed_first(
    row: Row, product: Product, organization: Organization
) -> None:
    later = [
        product.add_mailbox(organization, f"desk{number}@yourdomain.com", next_poll_at=at(number))
        for number in (2, 1)
    ]

    assert [found.id for found in _due(row)] == [row.account, *later[::-1]]
    assert [found.id for found in _due(row, limit=2)] == [row.account, later[1]]


@pytest.mark.parametrize(
    ("columns", "facts"),
    [
        ({}, {}),
        ({"next_poll_at": at(-7)}, {"due_in_s": -7.0}),
        ({"poll_interval_ms": 10_500}, {"interval_s": 10.5}),
        ({"lease_until": at(1)}, {"is_leased": True}),
        ({"lease_until": at(-1)}, {}),
        ({"consecutive_failures": 1}, {"is_failing": True}),
        ({"uses_idle": True}, {"is_pushed": True}),
        ({"uses_idle": True, "state": "blocked"}, {}),
        ({"uses_idle": True, "idle_refused_at": at(-3600)}, {}),
        ({"uses_idle": True, "idle_refused_at": at(-90_000)}, {"is_pushed": True}),
    ],
)
def test_what_falls_due_comes_with_what_the_tick_decides_by(
    row: Row, columns: dict[str, Any], facts: dict[str, Any]
) -> None:
    usual = {"due_in_s": 0.0, "interval_s": 30.0, "is_leased": False, "is_failing": False, "is_pushed": False}
    row.set(**columns)

    (found,) = _due(row)

    assert {name: getattr(found, name) for name in usual} == usual | facts


def test_a_server_without_idle_is_noted_so(row: Row) -> None:
    row.do(leases.refuse_idle)

    assert row["idle_refused_at"] == NOW
