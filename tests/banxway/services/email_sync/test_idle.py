"""Holding IDLE on a mailbox: new mail is reported at once, one holder at a time, and every holder ends.

All time is simulated: a holder waits for news while the simulation lets the others act.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from banxway import errors
from banxway.models.actors import Actor
from banxway.models.email_accounts.accounts import EmailAccountChange, PollResult
from banxway.services.email_sync import idle
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_mail
from tests.support.product.fakes import FakeMailbox, refused
from tests.support.timing.simulation import Simulation

Twin = Callable[..., Product]


class Time:
    """The simulation, and what tests let happen in it. Holders begin at its start unless a test says otherwise."""

    def __init__(self, product: Product, organization: Organization, account: UUID, twin: Twin) -> None:
        self._product = product
        self._ids = {"organization_id": organization.id, "account_id": account}
        self._twin = twin
        self.simulation = Simulation(datetime.now(UTC))
        self.at = self.simulation.at
        self.until = self.simulation.run_until
        self.holders_that_ended = 0

    def process(self) -> Product:
        return self._twin(clock=self.simulation.clock)

    def hold(self, at: float = 0.0) -> None:
        """Let another process hold IDLE from a second on, for the rest of the simulation."""

        def begin() -> None:
            self.process().app.email_sync.sync.hold_idle(**self._ids)
            self.holders_that_ended += 1

        self.at(at, begin)

    def sql_at(self, seconds: float, assignments: str) -> None:
        """Change the mailbox's row at a second."""
        self.at(seconds, lambda: self._product.database.rows(f"UPDATE email_accounts SET {assignments}"))


@pytest.fixture
def account(product: Product, organization: Organization) -> UUID:
    """A mailbox that uses IDLE, and is polled seldom."""
    return product.add_mailbox(organization, uses_idle=True, poll_interval_ms=300_000)


@pytest.fixture
def time(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> Iterator[Time]:
    made = Time(product, organization, account, twin)
    mailbox.while_waiting = made.simulation.sleep
    yield made
    made.simulation.end()


def _row(product: Product) -> dict[str, Any]:
    return product.database.rows("SELECT * FROM email_accounts")[0]


def test_news_are_filed_while_it_is_held(product: Product, mailbox: FakeMailbox, time: Time) -> None:
    mailbox.deliver(a_mail(subject="Before"))
    second = a_mail(subject="Meanwhile", message_id="second@customer.example")
    time.hold()
    time.at(5, lambda: mailbox.deliver(second))

    time.until(5 + idle.SLICE_S)

    assert product.subjects() == ["Before", "Meanwhile"]
    assert mailbox.closed == 0


def test_news_that_came_just_before_it_was_held_are_not_waited_for(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    # The poll is over by then, and a server reports only what comes after the folder was opened.
    polled = [None] * 3
    mailbox.opening.then(*polled, lambda _: mailbox.deliver(a_mail(), is_announced=False) and None)
    time.hold()

    time.until(1)

    assert product.subjects() == ["Parcel"]
    assert mailbox.closed == 0


def test_a_server_that_states_its_inbox_in_two_ways_is_not_polled_without_end(
    product: Product, mailbox: FakeMailbox, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = FakeMailbox.open
    monkeypatch.setattr(
        FakeMailbox, "open", lambda self, name: replace(opened(self, name), uid_next=self.opened + 100)
    )
    time.hold()

    time.until(60)

    assert mailbox.listed == 2


def test_a_mailbox_has_one_holder_and_no_poller_beside(
    product: Product, account: UUID, mailbox: FakeMailbox, time: Time
) -> None:
    time.hold()
    time.hold(at=5)
    time.at(6, lambda: time.process().poll(account))

    time.until(10)

    assert time.holders_that_ended == 1
    assert mailbox.listed == 1


def test_a_mailbox_that_is_held_is_polled_at_its_interval_without_news(
    mailbox: FakeMailbox, time: Time
) -> None:
    time.hold()

    time.until(299)
    before = mailbox.listed
    time.until(304)

    assert (before, mailbox.listed) == (1, 2)


def test_a_holder_whose_poll_runs_out_of_time_goes_on_at_once(
    product: Product, mailbox: FakeMailbox, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.email_sync.fetching.BATCH_MESSAGES", 1)
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    mailbox.fetching.always(lambda _: time.simulation.pass_by(41))
    time.hold()

    time.until(130)

    assert len(product.messages()) == 3


def test_a_holder_with_more_to_do_than_time_ends_as_any_other(
    product: Product, mailbox: FakeMailbox, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.email_sync.fetching.BATCH_MESSAGES", 1)
    for number in range(30):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    mailbox.fetching.always(lambda _: time.simulation.pass_by(41))
    time.hold()

    time.until(idle.HELD_S + 60)

    assert time.holders_that_ended == 1
    assert 15 < len(product.messages()) < 25


def test_a_holder_whose_time_is_up_lets_go_and_has_the_next_one_begin(
    product: Product, account: UUID, mailbox: FakeMailbox, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "SLICE_S", 30.0)
    time.hold()

    time.until(idle.HELD_S - 1)
    before = time.holders_that_ended
    time.until(idle.HELD_S + 1)

    assert (before, time.holders_that_ended) == (0, 1)
    row = _row(product)
    assert (row["lease_until"], row["connection_holder"], row["last_poll_error"]) == (None, None, None)
    assert mailbox.closed == 1
    assert [item.account_id for item in product.queues["idle"].items] == [account]


def test_polling_now_is_done_by_the_holder(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, time: Time
) -> None:
    # As a server that has not pushed it yet.
    mailbox.listing.then(None, lambda _: mailbox.deliver(a_mail(), is_announced=False) and None)
    results: list[PollResult] = []
    asking = time.process()
    time.hold()
    time.at(5, lambda: results.append(asking.app.email_sync.sync.poll_now(actor=admin, account_id=account)))

    time.until(5 + idle.SLICE_S + 0.5)

    (result,) = results
    assert (result.new_messages, result.new_threads) == (1, 1)
    assert mailbox.closed == 0


def test_a_holder_keeps_its_lease_for_as_long_as_it_holds(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    time.hold()
    time.sql_at(5, "lease_until = now() + interval '40 seconds'")

    time.until(5 + idle.SLICE_S)

    (row,) = product.database.rows(
        "SELECT lease_until > now() + interval '60 seconds' AS renewed FROM email_accounts"
    )
    assert row["renewed"]
    assert mailbox.closed == 0


def test_a_holder_that_lost_its_lease_lets_go_and_gives_nothing_back(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    time.hold()
    time.sql_at(5, "fence = fence + 1, lease_until = now() + interval '1 minute'")

    time.until(10)

    assert (time.holders_that_ended, mailbox.closed) == (1, 1)
    assert product.queues["idle"].items == []
    assert _row(product)["lease_until"] is not None


def test_a_mailbox_that_was_changed_is_begun_again(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, time: Time
) -> None:
    change = EmailAccountChange(name="Renamed")
    asking = time.process()
    time.hold()
    time.at(
        5, lambda: asking.app.email_accounts.accounts.update(actor=admin, account_id=account, change=change)
    )

    time.until(10)

    assert (time.holders_that_ended, mailbox.closed) == (1, 1)
    assert [item.account_id for item in product.queues["idle"].items] == [account]


def test_a_mailbox_that_was_switched_off_is_let_go(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, time: Time
) -> None:
    change = EmailAccountChange(imap_enabled=False)
    asking = time.process()
    time.hold()
    time.at(
        5, lambda: asking.app.email_accounts.accounts.update(actor=admin, account_id=account, change=change)
    )

    time.until(10)

    assert (time.holders_that_ended, mailbox.closed) == (1, 1)
    assert product.queues["idle"].items == []


def test_a_server_without_idle_is_polled_for_the_day(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    mailbox.has_idle = False
    mailbox.deliver(a_mail())
    time.hold()

    time.until(1)
    product.database.rows("UPDATE email_accounts SET next_poll_at = now()")
    product.app.email_sync.sync.enqueue_due()

    assert product.subjects() == ["Parcel"]
    assert (len(product.queues["mailbox"].items), product.queues["idle"].items) == (1, [])
    assert _row(product)["lease_until"] is None
    # After the day it is tried again.
    product.database.rows("UPDATE email_accounts SET idle_refused_at = now() - interval '25 hours'")
    product.app.email_sync.sync.enqueue_due()
    assert len(product.queues["idle"].items) == 1


def test_an_inbox_that_cannot_be_opened_for_a_moment_does_not_switch_idle_off(
    product: Product, mailbox: FakeMailbox, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        mailbox.opening.always(refused(errors.ProviderRejected, "[UNAVAILABLE] try again later"))

    mailbox.deliver(a_mail(subject="Before"))
    polled = idle._Holder.poll
    monkeypatch.setattr(idle._Holder, "poll", lambda holder: (polled(holder), refuse()))
    time.hold()

    time.until(1)

    row = _row(product)
    assert time.holders_that_ended == 1
    assert (row["idle_refused_at"], row["lease_until"]) == (None, None)


def test_a_server_that_has_too_much_to_do_ends_the_holding_and_is_given_time(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    """`* BYE Too many simultaneous connections` to IDLE: recorded, tried later, the lease released."""

    def busy(seconds: float) -> None:
        raise refused(errors.ProviderThrottled, f"Too many connections after {seconds}", provider="imap")

    mailbox.while_waiting = busy
    time.hold()

    time.until(1)

    row = _row(product)
    assert (row["lease_until"], row["consecutive_failures"]) == (None, 1)
    assert "Too many connections" in row["last_poll_error"]
    assert mailbox.closed >= 1


def test_a_connection_that_breaks_is_logged_and_no_failure_and_the_tick_begins_again(
    product: Product, account: UUID, mailbox: FakeMailbox, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_off(_: float) -> None:
        raise refused(errors.ProviderUnavailable, "Connection closed", provider="imap")

    mailbox.while_waiting = break_off
    time.hold()

    time.until(1)
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["message"], line["account_id"], line["error"]) == (
        "IDLE ended with an error",
        str(account),
        "Connection closed",
    )
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() + interval '50 seconds'")
    product.app.email_sync.sync.enqueue_due()

    row = _row(product)
    assert (row["lease_until"], row["last_poll_error"], row["consecutive_failures"]) == (None, None, 0)
    assert row["idle_refused_at"] is None
    assert [item.account_id for item in product.queues["idle"].items] == [account]


def test_after_a_failure_no_holder_comes_before_its_time(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    mailbox.listing.then(
        refused(errors.ProviderThrottled, "Too many connections", provider="imap", retry_after_s=60)
    )
    time.hold()
    time.hold(at=1)

    time.until(2)
    early = mailbox.listed
    product.database.rows("UPDATE email_accounts SET next_poll_at = now()")
    time.hold(at=3)
    time.until(4)

    assert (early, mailbox.listed) == (1, 2)


@pytest.mark.usefixtures("account")
def test_the_tick_has_it_polled_where_no_holder_comes(product: Product) -> None:
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '60 seconds'")
    product.app.email_sync.sync.enqueue_due()
    waited_for = len(product.queues["mailbox"].items)
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '100 seconds'")
    product.app.email_sync.sync.enqueue_due()

    assert (waited_for, len(product.queues["mailbox"].items), len(product.queues["idle"].items)) == (0, 1, 2)


def test_the_tick_leaves_a_held_mailbox_to_its_holder(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    time.hold()
    time.sql_at(5, "next_poll_at = now()")
    time.at(6, lambda: time.process().app.email_sync.sync.enqueue_due())

    time.until(7)

    assert (product.queues["mailbox"].items, product.queues["idle"].items) == ([], [])


def test_a_poll_that_fails_in_the_middle_gives_everything_back(
    product: Product, mailbox: FakeMailbox, time: Time
) -> None:
    mailbox.deliver(a_mail())
    mailbox.deliver(a_mail(subject="Second", message_id="second@customer.example"))
    mailbox.fetching.then(None, refused(errors.ProviderUnavailable, "Cut", provider="imap"))
    time.hold()

    time.until(1)

    row = _row(product)
    assert mailbox.fetched == [1, 2]
    assert (row["last_poll_error"], row["lease_until"], row["connection_holder"]) == ("Cut", None, None)
    assert mailbox.closed == 1
