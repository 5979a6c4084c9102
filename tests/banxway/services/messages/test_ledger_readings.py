"""What is read from the ledger: unknown mails to be looked for, and what a thread's messages say to the next one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from banxway.storage.database import Transaction
from banxway.storage.messages import messages
from banxway.storage.messages import unknown as unknown_mails
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import add_mail
from tests.support.product.builders import Product

Ledger = Callable[[], AbstractContextManager[Transaction]]


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization)


def _set(product: Product, message: UUID, columns: str) -> None:
    product.database.rows(f"UPDATE messages SET {columns} WHERE id = %s", (message,))


# Mails whose outcome is unknown.


@pytest.fixture
def unknown(product: Product, organization: Organization, thread: UUID, account: UUID) -> UUID:
    """A mail whose acceptance is unknown."""
    return add_mail(product, organization, thread, account, status="unknown")


def _due(product: Product, ledger: Ledger, account: UUID, limit: int = 20) -> list[UUID]:
    with ledger() as transaction:
        found = unknown_mails.due_for_a_look(transaction, account_id=account, limit=limit)
    return [row.id for row in found]


@pytest.mark.parametrize(
    ("columns", "is_due"),
    [
        ("status = 'unknown'", True),
        ("status = 'sent'", False),
        ("direction = 'inbound'", False),
        ("mail_message_id = NULL", False),
        ("sent_looks = 13, sent_looked_at = now() - interval '12 hours'", True),
        ("sent_looks = 14, sent_looked_at = now() - interval '9 days'", False),
        ("sent_looks = 1, sent_looked_at = now() - interval '11 seconds'", True),
        ("sent_looks = 3, sent_looked_at = now() - interval '41 seconds'", True),
        ("sent_looks = 11, sent_looked_at = now() - interval '9000 seconds'", False),
        ("sent_looks = 11, sent_looked_at = now() - interval '10241 seconds'", True),
    ],
    ids=[
        "never looked for",
        "settled",
        "somebody else's",
        "without an id",
        "its last look",
        "after the last",
        "its second look",
        "its fourth look",
        "too early",
        "its twelfth look",
    ],
)
def test_an_unknown_mail_is_looked_for_when_it_is_due(
    product: Product, account: UUID, unknown: UUID, ledger: Ledger, columns: str, is_due: bool
) -> None:
    _set(product, unknown, columns)

    assert _due(product, ledger, account) == ([unknown] if is_due else [])


def test_mails_that_were_not_looked_for_yet_come_first(
    product: Product, organization: Organization, thread: UUID, account: UUID, unknown: UUID, ledger: Ledger
) -> None:
    recent, old = (
        add_mail(product, organization, thread, account, status="unknown", sent_looks=1) for _ in range(2)
    )
    _set(product, recent, "sent_looked_at = now() - interval '1 hour'")
    _set(product, old, "sent_looked_at = now() - interval '2 hours'")

    assert _due(product, ledger, account, limit=2) == [unknown, old]


def test_a_look_that_found_nothing_is_counted_and_the_fifth_asks_for_a_person(
    product: Product, unknown: UUID, ledger: Ledger
) -> None:
    reported, advice = [], []
    for _ in range(7):
        with ledger() as transaction:
            reported.append(unknown_mails.record_look(transaction, unknown, advice="Ask the recipient"))
        advice.append(product.row(unknown)["failure_advice"])

    assert reported == [False] * 4 + [True] + [False] * 2
    assert advice == [None] * 4 + ["Ask the recipient"] * 3
    assert product.row(unknown)["sent_looks"] == 7


def test_a_look_says_nothing_of_a_mail_that_was_settled_meanwhile(
    product: Product, unknown: UUID, ledger: Ledger
) -> None:
    _set(product, unknown, "status = 'sent', sent_looks = 4")

    with ledger() as transaction:
        assert not unknown_mails.record_look(transaction, unknown, advice="Ask the recipient")

    assert (product.row(unknown)["sent_looks"], product.row(unknown)["failure_advice"]) == (4, None)


# What a thread's messages say to the next one.


def _mails(product: Product, organization: Organization, thread: UUID, *columns: dict[str, Any]) -> list[str]:
    """Add mails to a thread, a minute apart, and return their ids."""
    began, ids = datetime(2026, 1, 15, 9, 30, tzinfo=UTC), []
    for number, values in enumerate(columns):
        ids.append(f"m{number}@x.example")
        given = {
            "channel": "EMAIL",
            "mail_message_id": ids[-1],
            "occurred_at": began + timedelta(minutes=number),
        }
        product.add_inbound(organization, thread, **(given | values))
    return ids


OURS = {"direction": "outbound"}


@pytest.mark.parametrize(
    ("columns", "is_named"),
    [
        ({}, True),
        (OURS | {"status": "sent"}, True),
        (OURS | {"status": "delivered"}, True),
        (OURS | {"status": "read"}, True),
        (OURS | {"status": "queued"}, False),
        (OURS | {"status": "sending"}, False),
        (OURS | {"status": "unknown"}, False),
        (OURS | {"status": "failed"}, False),
        (OURS | {"status": "cancelled"}, False),
        (OURS | {"status": "sent", "automatic": "forward"}, False),
        ({"mail_origin": "bounce"}, False),
        ({"mail_origin": "auto_reply"}, True),
        ({"mail_message_id": None}, False),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_an_answer_names_what_is_part_of_the_conversation(
    product: Product,
    organization: Organization,
    thread: UUID,
    ledger: Ledger,
    columns: dict[str, Any],
    is_named: bool,
) -> None:
    first, second, third = _mails(product, organization, thread, {}, columns, {})
    _mails(product, organization, product.add_thread(organization, phone=None), {"mail_message_id": "else@x"})

    with ledger() as transaction:
        named = messages.reply_headers(transaction, thread_id=thread)

    assert list(named) == ([first, second, third] if is_named else [first, third])


def test_an_answer_names_mails_in_the_order_in_which_they_were_written(
    product: Product, organization: Organization, thread: UUID, ledger: Ledger
) -> None:
    early = {"occurred_at": datetime(2026, 1, 1, tzinfo=UTC)}
    first, second = _mails(product, organization, thread, {}, early)

    with ledger() as transaction:
        assert list(messages.reply_headers(transaction, thread_id=thread)) == [second, first]


@pytest.mark.parametrize(
    ("latest", "subject"),
    [
        ({"subject": "Later"}, "Later"),
        ({"subject": ""}, "First"),
        ({"subject": "Later", "channel": "WHATSAPP"}, "First"),
        ({"subject": "Later", "mail_origin": "bounce"}, "First"),
        ({"subject": "Later", "mail_origin": "auto_reply"}, "First"),
        ({"subject": "Later", "direction": "outbound", "status": "sent", "automatic": "vacation"}, "First"),
        ({"subject": "Later", "direction": "outbound", "status": "sent"}, "Later"),
    ],
    ids=["a mail", "no subject", "no mail", "a bounce", "an absence note", "an automatic mail", "our own"],
)
def test_an_answer_takes_the_subject_of_the_latest_mail_of_a_person(
    product: Product,
    organization: Organization,
    thread: UUID,
    ledger: Ledger,
    latest: dict[str, Any],
    subject: str,
) -> None:
    _mails(product, organization, thread, {"subject": "First"}, latest)
    other = product.add_thread(organization, phone=None)
    _mails(product, organization, other, {"subject": "Of another thread", "occurred_at": datetime.now(UTC)})

    with ledger() as transaction:
        assert messages.last_mail_subject(transaction, thread_id=thread) == subject


def test_what_came_after_a_message_is_what_customers_wrote_in_its_thread_in_order(
    product: Product, organization: Organization, thread: UUID, ledger: Ledger
) -> None:
    other_thread = product.add_thread(organization, phone=None)
    began = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    before, seen, third, second, elsewhere = (
        product.add_inbound(organization, place, created_at=began + timedelta(minutes=minute))
        for place, minute in ((thread, 0), (thread, 1), (thread, 3), (thread, 2), (other_thread, 0))
    )
    product.add_message(organization, thread, created_at=began + timedelta(minutes=5))

    with ledger() as transaction:
        assert messages.newer_than(transaction, thread_id=thread, message_id=seen) == [second, third]
        assert messages.newer_than(transaction, thread_id=thread, message_id=before) == [seen, second, third]
        assert messages.newer_than(transaction, thread_id=thread, message_id=elsewhere) == []


# Finding a message by the names that others have for it.


def test_the_same_name_on_another_channel_is_another_message(
    product: Product, organization: Organization, thread: UUID, ledger: Ledger
) -> None:
    product.add_inbound(organization, thread, channel="EMAIL", identity="one-1")

    with ledger() as transaction:
        assert messages.find_by_identity(transaction, channel="WHATSAPP", identity="one-1") is None
        assert messages.find_by_identity(transaction, channel="EMAIL", identity="one-1") is not None


def test_a_providers_name_is_that_of_a_message_of_ours(
    product: Product, organization: Organization, thread: UUID, ledger: Ledger
) -> None:
    product.add_inbound(organization, thread, provider_sid="sid-1")
    ours = product.add_message(organization, thread, provider_sid="sid-2")

    with ledger() as transaction:
        assert messages.find_by_provider_sid(transaction, "sid-1") is None
        assert messages.find_by_provider_sid(transaction, "sid-2") == ours


@pytest.mark.parametrize(("ahead_s", "is_believed"), [(-60, True), (60, False)], ids=["past", "future"])
def test_no_claimed_instant_is_later_than_the_databases_now(
    ledger: Ledger, ahead_s: int, is_believed: bool
) -> None:
    with ledger() as transaction:
        now = messages.clamp_to_now(transaction)
        claimed = now + timedelta(seconds=ahead_s)

        assert messages.clamp_to_now(transaction, claimed) == (claimed if is_believed else now)
