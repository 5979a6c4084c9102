"""A message is appended to its thread: the one that it was meant for, or the one that this was merged into."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from banxway.models.actors import Actor
from banxway.models.messages.statuses import MessageStatus
from banxway.services.threads.append import append
from banxway.storage.messages import messages
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.realtime.changes import PendingChange
from tests.support.databases.postgres import Organization
from tests.support.ledger.written_messages import a_text, send
from tests.support.product.builders import BUSINESS, CUSTOMER, Product


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    """A thread that was closed an hour ago."""
    thread = product.add_thread(organization)
    product.database.rows(
        "UPDATE threads SET status = 'closed', last_message_at = now() - interval '1 hour' WHERE id = %s",
        (thread,),
    )
    return thread


def _merged_into(product: Product, organization: Organization, thread: UUID) -> UUID:
    other = product.add_thread(organization, phone=None)
    product.database.rows("UPDATE threads SET merged_into_thread_id = %s WHERE id = %s", (other, thread))
    return other


def _place(
    product: Product, organization: Organization, thread: UUID, *, ago: timedelta = timedelta(0)
) -> PendingChange | None:
    (customer,) = product.database.rows("SELECT customer_id FROM threads WHERE id = %s", (thread,))
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        row = NewMessageRow(
            id=uuid4(),
            organization_id=organization.id,
            thread_id=thread,
            customer_id=customer["customer_id"],
            channel="WHATSAPP",
            direction="inbound",
            status=MessageStatus.RECEIVED,
            sender=CUSTOMER,
            recipient=BUSINESS,
            occurred_at=messages.clamp_to_now(transaction) - ago,
            join_rule="new",
            identity="one-1",
        )
        return append(transaction, row)


def _thread(product: Product, thread: UUID) -> dict[str, object]:
    (row,) = product.database.rows("SELECT * FROM threads WHERE id = %s", (thread,))
    return row


def test_a_message_opens_its_thread_again_and_dates_it(
    product: Product, organization: Organization, thread: UUID
) -> None:
    news = _place(product, organization, thread)

    (message,) = product.messages()
    assert news == PendingChange("message.created", thread, message["id"])
    assert _thread(product, thread)["status"] == "open"
    assert _thread(product, thread)["last_message_at"] == message["occurred_at"]


def test_an_older_message_does_not_date_its_thread_back(
    product: Product, organization: Organization, thread: UUID
) -> None:
    before = _thread(product, thread)["last_message_at"]

    _place(product, organization, thread, ago=timedelta(days=3))

    assert _thread(product, thread)["last_message_at"] == before


def test_a_message_for_a_thread_that_was_merged_meanwhile_goes_where_that_went(
    product: Product, organization: Organization, thread: UUID
) -> None:
    other = _merged_into(product, organization, thread)

    news = _place(product, organization, thread)

    (message,) = product.messages()
    assert message["thread_id"] == other
    assert news == PendingChange("message.created", other, message["id"])


def test_an_agent_who_still_sees_a_merged_thread_writes_in_the_other(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    product.add_whatsapp(organization)
    product.add_inbound(organization, thread)
    other = product.add_thread(organization, phone="+919812345678")
    product.add_inbound(organization, other, sender="+919812345678")
    product.database.rows("UPDATE threads SET merged_into_thread_id = %s WHERE id = %s", (other, thread))

    sent = send(product, agent, thread, a_text())

    assert sent.to == "+919812345678"
    assert product.row(sent.message_id)["thread_id"] == other


def test_the_same_message_again_is_no_news(
    product: Product, organization: Organization, thread: UUID
) -> None:
    first, second = (_place(product, organization, thread) for _ in range(2))

    assert first is not None
    assert second is None
    assert len(product.messages()) == 1
