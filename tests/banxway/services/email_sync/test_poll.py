"""One poll: every mail becomes visible once, whatever the server, the worker or the mail itself does."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from banxway.models.actors import Actor
from banxway.models.mail import FetchedMail
from banxway.services.email_sync.filing.transaction import BatchFiled
from tests.support.databases.postgres import Organization
from tests.support.mailboxes.filed import Post, a_letter
from tests.support.product.builders import SUPPORT, Product, a_mail
from tests.support.product.fakes import FakeMailbox
from tests.support.timing.clocks import SetClock

Twin = Callable[..., Product]


# One mail.


def test_a_mail_becomes_a_customer_a_thread_and_a_message(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    arrived = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    raw = a_mail("Where is it?")
    mailbox.deliver(raw, at=arrived)

    result = product.poll_now(admin, account)

    assert (result.new_messages, result.new_threads) == (1, 1)
    (message,) = product.messages()
    assert (message["sender"], message["recipient"], message["subject"]) == (
        "asha@customer.example",
        SUPPORT,
        "Parcel",
    )
    assert (message["body_text"].strip(), message["occurred_at"]) == ("Where is it?", arrived)
    assert product.app.infrastructure.blobs.get(admin.organization_id, message["raw_blob"]) == raw
    (customer,) = product.database.rows("SELECT name FROM customers")
    assert customer == {"name": "Asha"}
    # One for the mail, one for the mailbox, whose first poll this was.
    assert {item.organization_id for item in product.queues["change"].items} == {admin.organization_id}
    assert mailbox.closed >= 1


def test_what_rules_and_responders_queue_is_enqueued(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    Post(product, organization, account).is_away()
    mailbox.deliver(a_letter(), at=datetime.now(UTC))

    product.poll(account)

    (answer,) = product.database.rows("SELECT id FROM messages WHERE automatic = 'vacation'")
    assert [item.message_id for item in product.queues["mail"].items] == [answer["id"]]


def test_a_worker_closes_the_connections_that_it_kept_too_long(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    clock = SetClock()
    process = twin(clock=clock)
    other = product.add_mailbox(organization, "sales@yourdomain.com")
    process.poll(account)
    clock.advance(seconds=301)

    process.poll(other)

    assert mailbox.closed == 1


def test_a_second_poll_finds_nothing(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail())
    product.poll_now(admin, account)
    product.queues["change"].clear()

    again = product.poll_now(admin, account)

    assert (again.new_messages, again.new_threads) == (0, 0)
    assert mailbox.fetched == [1]
    assert product.queues["change"].items == []


def test_only_what_is_new_is_fetched(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
        product.poll(account)

    assert mailbox.fetched == [1, 2, 3]
    assert len(product.messages()) == 3


def test_stored_mail_that_cannot_be_filed_is_tried_once_a_poll(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.deliver(a_mail())
    tried: list[int] = []

    def does_nothing(*, account: object, stored: Any) -> BatchFiled:
        tried.append(len(stored))
        assert len(tried) < 10, "tried without end"
        return BatchFiled()

    monkeypatch.setattr(product.app.email_sync.filing, "file_batch", does_nothing)
    product.poll(account)
    tried.clear()

    product.poll(account)

    assert tried == [1]
    assert product.unfiled() == 1


def test_a_mail_of_unknown_outcome_is_looked_for_in_sent_by_each_poll(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    product.database.rows("UPDATE email_accounts SET folders = '{INBOX}'")
    message = product.add_message(
        organization,
        product.add_thread(organization),
        channel="EMAIL",
        status="unknown",
        email_account_id=account,
        mail_message_id="lost@yourdomain.com",
    )
    mailbox.deliver(a_mail(message_id="lost@yourdomain.com"), folder="Sent")

    product.poll(account)

    assert product.row(message)["status"] == "sent"
    assert {item.organization_id for item in product.queues["change"].items} == {organization.id}


# Killed, or taken over, in between.


def test_a_poll_killed_between_storing_and_filing_is_finished_by_the_next(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    dying = twin()
    dying.app.email_sync.filing.file_batch = _die
    with pytest.raises(SystemExit):
        dying.poll(account)
    assert (product.unfiled(), product.messages()) == (3, [])
    product.database.rows("UPDATE email_accounts SET lease_until = now()")

    product.poll(account)

    assert product.subjects() == ["Mail 0", "Mail 1", "Mail 2"]
    assert mailbox.fetched == [1, 2, 3]


def _die(**_: Any) -> None:
    raise SystemExit("killed")


def test_a_poll_killed_while_it_fetches_is_begun_again_by_the_next(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    mailbox.fetching.then(None, lambda _: _die())
    with pytest.raises(SystemExit):
        twin().poll(account)
    assert product.unfiled() == 0
    product.database.rows("UPDATE email_accounts SET lease_until = now()")

    product.poll(account)

    assert product.subjects() == ["Mail 0", "Mail 1", "Mail 2"]


def test_a_poller_that_lost_its_lease_writes_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())

    def take_over(_: int) -> None:
        product.database.rows(
            "UPDATE email_accounts SET fence = fence + 1, last_poll_error = 'the other one'"
        )

    mailbox.fetching.then(take_over)
    before = product.account(account).last_polled_at

    twin().poll(account)

    row = product.account(account)
    assert (product.messages(), product.unfiled()) == ([], 0)
    assert (row.last_poll_error, row.last_polled_at, row.consecutive_failures) == (
        "the other one",
        before,
        0,
    )
    assert row.lease_until is not None
    assert product.database.rows("SELECT action FROM integration_audit_logs") == []


def test_a_mailbox_has_one_poller_at_a_time(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    second = twin()
    mailbox.deliver(a_mail())
    mailbox.fetching.then(lambda _: second.poll(account))

    product.poll(account)

    assert mailbox.listed == 1
    assert len(product.messages()) == 1


def test_a_lease_that_nobody_gave_back_ends_with_its_time(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail())
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '80 seconds', fence = 7")
    product.poll(account)
    assert mailbox.listed == 0

    product.database.rows("UPDATE email_accounts SET lease_until = now() - interval '1 second'")
    product.poll(account)

    assert len(product.messages()) == 1
    assert product.account(account).fence == 8


def test_a_database_that_breaks_in_a_poll_loses_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())
    broken = twin()

    def cut(_: int) -> None:
        product.database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'banxway_app'"
        )

    mailbox.fetching.then(cut)
    broken.poll(account)
    product.database.rows("UPDATE email_accounts SET lease_until = NULL")
    product.poll(account)

    assert len(product.messages()) == 1


def test_a_server_that_sends_another_size_than_it_said_is_believed_by_its_bytes(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    uid = mailbox.deliver(a_mail(), claimed_size=1)
    mailbox.fetching.then(lambda _: FetchedMail(uid, a_mail(), None))

    product.poll(account)

    (stored,) = product.database.rows("SELECT size_bytes FROM mailbox_messages")
    assert stored["size_bytes"] == len(a_mail())
