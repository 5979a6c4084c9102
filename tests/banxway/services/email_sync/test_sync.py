"""When mailboxes are polled, and by whom."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import pytest

from banxway.models.actors import Actor
from banxway.models.queue_items import DueMailbox, MailboxesDue
from banxway.services.email_sync.lease import Lease
from banxway.storage.email_sync.leases import TakenAccount
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product, a_mail
from tests.support.product.fakes import FakeMailbox
from tests.support.timing.clocks import SetClock
from tests.support.timing.database_clock import NOW, DatabaseClock

pytestmark = pytest.mark.usefixtures("database_clock")

Twin = Callable[..., Product]


def _fall_due(product: Product, in_s: float = 0.0) -> None:
    product.database.rows("UPDATE email_accounts SET next_poll_at = %s", (NOW + timedelta(seconds=in_s),))


def _next_poll_in_s(product: Product, account: UUID) -> float:
    return float((product.account(account).next_poll_at - NOW).total_seconds())


# When.


@pytest.mark.parametrize(
    ("interval_s", "due_in_s", "moments"),
    [
        (10, 0, [0, 10, 20, 30, 40, 50]),
        (10, 7, [7, 17, 27, 37, 47, 57]),
        (30, 0, [0, 30]),
        (30, 29, [29, 59]),
        (30, -500, [0, 30]),
        (300, 5, [5]),
        (300, 69, [69]),
        (300, 71, []),
        (20, 39.6, [40, 60]),
    ],
)
def test_the_tick_enqueues_a_mailbox_for_each_moment_of_the_minute(
    product: Product, organization: Organization, interval_s: int, due_in_s: float, moments: list[int]
) -> None:
    account = product.add_mailbox(organization, poll_interval_ms=interval_s * 1000)
    _fall_due(product, due_in_s)

    enqueued = product.app.email_sync.sync.enqueue_due()

    assert enqueued == len(moments)
    assert product.queues["mailbox"].delays == moments
    assert {one.account_id for item in product.queues["mailbox"].items for one in item.mailboxes} <= {account}


def test_the_tick_sees_every_organization_and_no_mailbox_that_is_switched_off(
    product: Product, organization: Organization, account: UUID
) -> None:
    stranger = product.database.add_organization("Other")
    theirs = product.add_mailbox(stranger)
    product.add_mailbox(organization, "off@yourdomain.com", imap_enabled=False)

    product.app.email_sync.sync.enqueue_due()

    due = [one for item in product.queues["mailbox"].items for one in item.mailboxes]
    assert {(one.organization_id, one.account_id) for one in due} == {
        (organization.id, account),
        (stranger.id, theirs),
    }


def test_mailboxes_of_one_moment_go_together_and_twenty_at_most(
    product: Product, organization: Organization
) -> None:
    for number in range(45):
        product.add_mailbox(organization, f"desk{number}@yourdomain.com", poll_interval_ms=300_000)
    _fall_due(product, 7.2)

    product.app.email_sync.sync.enqueue_due()

    items = product.queues["mailbox"].items
    assert [len(item.mailboxes) for item in items] == [20, 20, 5]
    assert set(product.queues["mailbox"].delays) == {7}
    assert len({one.account_id for item in items for one in item.mailboxes}) == 45


def test_a_mailbox_whose_polls_fail_goes_alone(product: Product, organization: Organization) -> None:
    for number in range(3):
        product.add_mailbox(organization, f"desk{number}@yourdomain.com", poll_interval_ms=300_000)
    failing = product.add_mailbox(
        organization, "down@yourdomain.com", poll_interval_ms=300_000, consecutive_failures=1
    )
    _fall_due(product, 7.2)

    product.app.email_sync.sync.enqueue_due()

    together = [{one.account_id for one in item.mailboxes} for item in product.queues["mailbox"].items]
    assert sorted(map(len, together)) == [1, 3]
    assert {failing} in together


@pytest.mark.parametrize("interval_s", [10, 30, 300])
@pytest.mark.parametrize("poll_takes_s", [0, 4, 9])
def test_an_interval_holds_however_long_a_poll_takes(
    product: Product,
    organization: Organization,
    database_clock: DatabaseClock,
    interval_s: int,
    poll_takes_s: int,
) -> None:
    """The next poll is counted from when this one was due, or a mailbox would miss every other time."""
    account = product.add_mailbox(organization, poll_interval_ms=interval_s * 1000)

    _fall_due(product)
    product.providers.mailbox(SUPPORT).opening.then(
        lambda _: database_clock.set(NOW + timedelta(seconds=poll_takes_s))
    )

    product.app.email_sync.sync.poll_due(MailboxesDue.of(organization.id, account))

    assert _next_poll_in_s(product, account) == interval_s


def test_a_mailbox_long_overdue_is_polled_now_and_then_at_its_interval(
    product: Product, organization: Organization, account: UUID
) -> None:
    _fall_due(product, -3 * 3600)

    product.app.email_sync.sync.poll_due(MailboxesDue.of(organization.id, account))

    assert _next_poll_in_s(product, account) == 0
    product.app.email_sync.sync.poll_due(MailboxesDue.of(organization.id, account))
    assert _next_poll_in_s(product, account) == 30


def test_polling_now_does_not_put_the_next_poll_off(product: Product, admin: Actor, account: UUID) -> None:
    _fall_due(product, 20)

    product.poll_now(admin, account)

    assert _next_poll_in_s(product, account) == 30


def test_a_mailbox_that_is_being_polled_at_the_tick_is_enqueued_for_later_in_the_minute(
    product: Product, account: UUID
) -> None:
    _fall_due(product)
    product.database.rows("UPDATE email_accounts SET lease_until = %s", (NOW + timedelta(seconds=85),))

    product.app.email_sync.sync.enqueue_due()

    assert product.queues["mailbox"].delays == [0, 30]


@pytest.mark.parametrize(("takes_s", "first"), [(9, 1), (8, 2)], ids=["too long", "just in time"])
def test_a_poll_that_runs_out_of_time_goes_on_at_once(
    product: Product,
    account: UUID,
    mailbox: FakeMailbox,
    monkeypatch: pytest.MonkeyPatch,
    takes_s: int,
    first: int,
) -> None:
    monkeypatch.setattr("banxway.services.email_sync.fetching.BATCH_MESSAGES", 1)
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    clock = SetClock()
    product.app.infrastructure.clock = clock
    # A mailbox may take eight seconds while others could wait behind it; its rest may take all of a worker's.
    mailbox.fetching.always(lambda _: clock.advance(seconds=takes_s))

    product.poll(account)

    assert len(product.messages()) == first
    assert _next_poll_in_s(product, account) == 0
    assert mailbox.closed == 1
    (rest,) = product.queues["mailbox"].items
    assert (rest.is_rest, product.queues["mailbox"].delays) == (True, [0])
    product.app.email_sync.sync.poll_due(rest)
    assert len(product.messages()) == 3
    assert mailbox.closed == 2


def test_a_mailbox_that_breaks_a_poll_stands_in_nobodys_way(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    other = product.add_mailbox(organization, "sales@yourdomain.com")
    product.providers.mailbox("sales@yourdomain.com").deliver(a_mail(subject="Behind it"))
    mailbox.listing.then(RuntimeError("a fault of ours"))
    places = [DueMailbox(organization_id=organization.id, account_id=one) for one in (account, other)]

    with pytest.raises(RuntimeError, match="a fault of ours"):
        product.app.email_sync.sync.poll_due(MailboxesDue(mailboxes=tuple(places)))

    assert product.subjects() == ["Behind it"]


def test_what_a_worker_has_no_time_for_is_enqueued_again(
    product: Product, organization: Organization, account: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.email_sync.sync._WORKER_S", 1.0)
    others = [product.add_mailbox(organization, f"desk{number}@yourdomain.com") for number in range(3)]
    places = [DueMailbox(organization_id=organization.id, account_id=one) for one in (account, *others)]

    product.app.email_sync.sync.poll_due(MailboxesDue(mailboxes=tuple(places)))

    (rest,) = product.queues["mailbox"].items
    assert ([one.account_id for one in rest.mailboxes], rest.is_rest) == (others, False)


def test_a_mailbox_is_left_to_the_worker_that_keeps_its_connection(
    product: Product,
    organization: Organization,
    account: UUID,
    mailbox: FakeMailbox,
    twin: Twin,
    database_clock: DatabaseClock,
) -> None:
    """One connection each: a second one is opened only if the first one's keeper has not come in two seconds."""
    product.poll(account)
    beside, item = twin(), MailboxesDue.of(organization.id, account)
    _fall_due(product)
    database_clock.set(NOW + timedelta(seconds=1))
    polled_at = product.account(account).last_polled_at

    for patience in (1, 0):
        beside.app.email_sync.sync.poll_due(item)
        item = product.queues["mailbox"].items[-1]
        assert (item.patience, product.queues["mailbox"].delays[-1]) == (patience, 1)
    assert (product.account(account).last_polled_at, mailbox.closed) == (polled_at, 0)

    beside.app.email_sync.sync.poll_due(item)
    assert product.account(account).last_polled_at > polled_at
    assert len(product.queues["mailbox"].items) == 2
    assert mailbox.closed == 1


def test_a_keeper_that_is_gone_is_not_waited_for(
    product: Product, organization: Organization, account: UUID, twin: Twin
) -> None:
    product.poll(account)
    product.database.rows(
        "UPDATE email_accounts SET next_poll_at = %(now)s, connection_kept_until = %(now)s", {"now": NOW}
    )

    twin().app.email_sync.sync.poll_due(MailboxesDue.of(organization.id, account))

    assert product.queues["mailbox"].items == []
    assert _next_poll_in_s(product, account) == 30


def test_a_dead_change_queue_does_not_fail_a_poll(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    product.queues["change"].is_down = True
    mailbox.deliver(a_mail())

    product.poll(account)

    row = product.account(account)
    assert (row.last_poll_error, row.lease_until, row.last_polled_at) == (None, None, NOW)
    assert len(product.messages()) == 1


def test_a_mailbox_is_taken_for_90_seconds_and_renewed_with_each_write(
    product: Product, account: UUID, mailbox: FakeMailbox, database_clock: DatabaseClock
) -> None:
    until = []

    def look(_: object) -> None:
        until.append(product.account(account).lease_until)
        database_clock.set(NOW + timedelta(seconds=len(until) * 10))

    mailbox.deliver(a_mail())
    mailbox.listing.then(look)
    mailbox.opening.then(look, look)
    mailbox.fetching.then(look)

    product.poll(account)

    # Leased; the folders recorded; the mail stored before the second folder is opened.
    assert [(each - NOW).total_seconds() for each in until] == [90, 100, 100, 120]


def test_a_statement_about_a_mailbox_may_take_half_a_minute(product: Product, account: UUID) -> None:
    taken = TakenAccount(**asdict(product.account(account)), is_kept_here=False, is_kept_elsewhere=False)
    lease = Lease(product.app.infrastructure.database, taken)

    with lease.writing() as transaction:
        row = transaction.single("SHOW statement_timeout")

    assert row["statement_timeout"] == "30s"
