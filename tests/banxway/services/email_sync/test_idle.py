"""Holding IDLE on a mailbox: news come by themselves, one holder at a time, and every holder ends."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from banxway import errors
from banxway.models.actors import Actor
from banxway.models.email_accounts import EmailAccountChange
from banxway.services.email_sync import idle
from tests.support.builders import Product, a_mail
from tests.support.fakes import FakeMailbox, refused
from tests.support.postgres import Organization
from tests.support.waiting import eventually

Twin = Callable[..., Product]
Begin = Callable[[], Any]


@pytest.fixture
def account(product: Product, organization: Organization) -> UUID:
    """A mailbox that is to be held, and is polled seldom."""
    return product.add_mailbox(organization, uses_idle=True, poll_interval_ms=300_000)


@pytest.fixture
def hold(
    product: Product,
    organization: Organization,
    account: UUID,
    monkeypatch: pytest.MonkeyPatch,
    twin: Twin,
) -> Iterator[Begin]:
    """Begin to hold IDLE in a process of its own; a holder looks around every 50 ms."""
    monkeypatch.setattr("banxway.services.email_sync.idle.SLICE_S", 0.05)
    with ThreadPoolExecutor() as holders:

        def begin() -> Any:
            process = twin()
            return holders.submit(
                process.app.email_sync.hold_idle, organization_id=organization.id, account_id=account
            )

        yield begin
        product.database.rows("UPDATE email_accounts SET fence = fence + 1")


def _row(product: Product) -> dict[str, Any]:
    return product.database.rows("SELECT * FROM email_accounts")[0]


def _is_held(product: Product) -> bool:
    return _row(product)["last_polled_at"] is not None and _row(product)["lease_until"] is not None


def _subjects(product: Product) -> list[str]:
    return sorted(message["subject"] for message in product.messages())


def test_news_are_filed_while_it_is_held(product: Product, mailbox: FakeMailbox, hold: Begin) -> None:
    mailbox.deliver(a_mail(subject="Before"))
    hold()
    eventually(lambda: _subjects(product) == ["Before"])

    mailbox.deliver(a_mail(subject="Meanwhile", message_id="second@customer.example"))

    eventually(lambda: _subjects(product) == ["Before", "Meanwhile"])
    assert mailbox.closed == 0


def test_news_that_came_just_before_it_was_held_are_not_waited_for(
    product: Product, mailbox: FakeMailbox, hold: Begin
) -> None:
    # The poll has looked by then, and a server tells only of what comes after the folder was opened.
    polled = [None] * 3
    mailbox.opening.then(*polled, lambda _: mailbox.deliver(a_mail(), is_announced=False) and None)

    hold()

    eventually(lambda: _subjects(product) == ["Parcel"])
    assert mailbox.closed == 0


def test_a_mailbox_has_one_holder_and_no_poller_beside(
    product: Product, account: UUID, mailbox: FakeMailbox, hold: Begin
) -> None:
    hold()
    eventually(lambda: _is_held(product))
    polls = mailbox.listed

    hold().result(timeout=5)
    product.poll(account)

    assert mailbox.listed == polls


def test_a_holder_whose_time_is_up_lets_go_and_has_the_next_one_begin(
    product: Product, account: UUID, mailbox: FakeMailbox, hold: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.email_sync.idle.HELD_S", 0.2)

    hold().result(timeout=5)

    row = _row(product)
    assert (row["lease_until"], row["connection_holder"], row["last_poll_error"]) == (None, None, None)
    assert mailbox.closed == 1
    assert [item.account_id for item in product.idle_queue.items] == [account]


def test_polling_now_is_done_by_the_holder(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, hold: Begin
) -> None:
    hold()
    eventually(lambda: _is_held(product))
    # As a server that has not pushed it yet.
    mailbox.listing.then(lambda _: mailbox.deliver(a_mail()) and None)

    result = product.app.email_sync.poll_now(actor=admin, account_id=account)

    assert (result.new_messages, result.new_threads) == (1, 1)
    assert mailbox.closed == 0


def test_a_holder_keeps_its_lease_for_as_long_as_it_holds(
    product: Product, hold: Begin, mailbox: FakeMailbox
) -> None:
    hold()
    eventually(lambda: _is_held(product))
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '10 seconds'")

    eventually(
        lambda: product.database.rows(
            "SELECT lease_until > now() + interval '60 seconds' AS renewed FROM email_accounts"
        )[0]["renewed"]
    )
    assert mailbox.closed == 0


def test_a_mailbox_that_was_changed_is_begun_anew(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, hold: Begin
) -> None:
    holder = hold()
    eventually(lambda: _is_held(product))

    product.app.email_accounts.update(
        actor=admin, account_id=account, change=EmailAccountChange(name="Renamed")
    )
    holder.result(timeout=5)

    assert mailbox.closed == 1
    assert [item.account_id for item in product.idle_queue.items] == [account]


def test_a_mailbox_that_was_switched_off_is_let_go(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, hold: Begin
) -> None:
    holder = hold()
    eventually(lambda: _is_held(product))

    product.app.email_accounts.update(
        actor=admin, account_id=account, change=EmailAccountChange(imap_enabled=False)
    )
    holder.result(timeout=5)

    assert mailbox.closed == 1
    assert product.idle_queue.items == []


def test_a_server_without_idle_is_polled_for_the_day(
    product: Product, mailbox: FakeMailbox, hold: Begin
) -> None:
    mailbox.has_idle = False
    mailbox.deliver(a_mail())

    hold().result(timeout=5)
    product.database.rows("UPDATE email_accounts SET next_poll_at = now()")
    product.app.email_sync.enqueue_due()

    assert _subjects(product) == ["Parcel"]
    assert (len(product.mailbox_queue.items), product.idle_queue.items) == (1, [])
    assert _row(product)["lease_until"] is None


def test_an_inbox_that_cannot_be_opened_for_a_moment_does_not_switch_idle_off(
    product: Product, mailbox: FakeMailbox, hold: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        mailbox.opening.always(refused(errors.ProviderRejected, "[UNAVAILABLE] try again later"))

    mailbox.deliver(a_mail(subject="Before"))
    polled = idle._Holder.poll
    monkeypatch.setattr(idle._Holder, "poll", lambda holder: (polled(holder), refuse()))

    hold().result()

    row = _row(product)
    assert (row["idle_refused_at"], row["lease_until"]) == (None, None)


def test_a_server_that_has_too_much_to_do_ends_the_holding_and_is_given_time(
    product: Product, mailbox: FakeMailbox, hold: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`* BYE Too many simultaneous connections` to IDLE: noted, backed off from, the lease given back."""

    def busy(*, seconds: float) -> bool:
        raise refused(errors.ProviderThrottled, f"Too many connections after {seconds}", provider="imap")

    monkeypatch.setattr(mailbox, "wait_for_news", busy)

    hold().result()

    row = _row(product)
    assert (row["lease_until"], row["consecutive_failures"]) == (None, 1)
    assert "Too many connections" in row["last_poll_error"]
    assert mailbox.closed >= 1


def test_a_connection_that_breaks_is_no_failure_and_the_tick_begins_anew(
    product: Product, account: UUID, mailbox: FakeMailbox, hold: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = refused(errors.ProviderUnavailable, "Connection closed", provider="imap")

    def break_off(*, seconds: float) -> bool:
        raise gone

    monkeypatch.setattr(mailbox, "wait_for_news", break_off)

    hold().result(timeout=5)
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() + interval '50 seconds'")
    product.app.email_sync.enqueue_due()

    row = _row(product)
    assert (row["lease_until"], row["last_poll_error"], row["consecutive_failures"]) == (None, None, 0)
    assert [item.account_id for item in product.idle_queue.items] == [account]


def test_after_a_failure_no_holder_comes_before_its_time(
    product: Product, mailbox: FakeMailbox, hold: Begin
) -> None:
    mailbox.listing.then(
        refused(errors.ProviderThrottled, "Too many connections", provider="imap", retry_after_s=60)
    )
    hold().result(timeout=5)
    polls = mailbox.listed

    hold().result(timeout=5)
    early = mailbox.listed
    product.database.rows("UPDATE email_accounts SET next_poll_at = now()")
    hold()

    eventually(lambda: _is_held(product))
    assert early == polls


@pytest.mark.usefixtures("account")
def test_the_tick_has_it_polled_where_no_holder_comes(product: Product) -> None:
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '80 seconds'")
    product.app.email_sync.enqueue_due()
    waited_for = len(product.mailbox_queue.items)
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '100 seconds'")
    product.app.email_sync.enqueue_due()

    assert (waited_for, len(product.mailbox_queue.items), len(product.idle_queue.items)) == (0, 1, 2)


def test_the_tick_leaves_a_held_mailbox_to_its_holder(
    product: Product, mailbox: FakeMailbox, hold: Begin
) -> None:
    hold()
    eventually(lambda: _is_held(product))
    product.database.rows("UPDATE email_accounts SET next_poll_at = now()")

    product.app.email_sync.enqueue_due()

    assert (product.mailbox_queue.items, product.idle_queue.items) == ([], [])


def test_a_poll_that_fails_in_the_middle_gives_everything_back(
    product: Product, mailbox: FakeMailbox, hold: Begin
) -> None:
    failed = threading.Event()
    mailbox.deliver(a_mail())
    mailbox.fetching.then(lambda _: failed.set(), refused(errors.ProviderUnavailable, "Cut", provider="imap"))
    mailbox.deliver(a_mail(subject="Second", message_id="second@customer.example"))

    hold().result(timeout=5)

    row = _row(product)
    assert failed.is_set()
    assert (row["last_poll_error"], row["lease_until"], row["connection_holder"]) == ("Cut", None, None)
    assert mailbox.closed == 1
