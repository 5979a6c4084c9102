"""Customers' WhatsApp messages on their way into threads."""

from datetime import datetime
from uuid import UUID

from banxway.e164 import to_e164
from banxway.ids import NewId
from banxway.models.callbacks import IncomingMessage
from banxway.models.statuses import MessageStatus
from banxway.services import timeline
from banxway.storage import customers, messages, threads
from banxway.storage.changes import News
from banxway.storage.database import Transaction
from banxway.storage.messages import MessageRow

# A number is proven by WhatsApp, so that its owner continues their latest conversation; after this long
# without a word it is a new one.
_RECENT_DAYS = 30


class IncomingMessages:
    """Files what customers write on WhatsApp."""

    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id

    def file(
        self,
        transaction: Transaction,
        *,
        organization_id: UUID,
        message: IncomingMessage,
        received_at: datetime,
    ) -> News | None:
        """Put a message into its thread; None if it is there already. The caller records the news, and commits."""
        known = messages.find_by_identity(transaction, channel="WHATSAPP", identity=message.identity)
        if known is not None:
            return None
        sender = to_e164(message.sender) or message.sender
        customer_id = customers.find_or_add(
            transaction,
            new_id=self._new_id(),
            organization_id=organization_id,
            kind="phone",
            address=sender,
            name=message.profile_name or sender,
        )
        customers.lock(transaction, customer_id)
        # A clock that runs ahead, the provider's or the receiver's, must not keep the 24-hour window open.
        written_at = messages.moment(transaction, message.occurred_at or received_at)
        thread = self._thread_for(transaction, organization_id, customer_id, message, written_at)
        row = self._row(
            organization_id,
            customer_id,
            message,
            (written_at, received_at),
            sender=sender,
            thread=thread,
        )
        news = timeline.place(transaction, row)
        # A worker that is overtaken by another applies an earlier message of the same second later.
        threads.name_by_first_message(transaction, [row.thread_id])
        return news

    def _row(
        self,
        organization_id: UUID,
        customer_id: UUID,
        message: IncomingMessage,
        times: tuple[datetime, datetime],
        *,
        sender: str,
        thread: tuple[UUID, str, str],
    ) -> MessageRow:
        thread_id, rule, evidence = thread
        written_at, received_at = times
        return MessageRow(
            id=self._new_id(),
            organization_id=organization_id,
            thread_id=thread_id,
            customer_id=customer_id,
            channel="WHATSAPP",
            direction="inbound",
            status=MessageStatus.RECEIVED,
            sender=sender,
            recipient=to_e164(message.recipient) or message.recipient,
            kind=message.kind,
            body_text=message.text,
            content={"media_url": message.media_url} if message.media_url else {},
            provider_sid=message.provider_sid,
            identity=message.identity,
            occurred_at=written_at,
            placed_at=received_at,
            join_rule=rule,
            join_evidence=evidence,
        )

    def _thread_for(
        self,
        transaction: Transaction,
        organization_id: UUID,
        customer_id: UUID,
        message: IncomingMessage,
        written_at: datetime,
    ) -> tuple[UUID, str, str]:
        if message.replied_to_sid:
            answered = messages.find_by_provider_sid(transaction, message.replied_to_sid)
            row = messages.find(transaction, answered) if answered else None
            if row and row["customer_id"] == customer_id:
                return row["thread_id"], "reply", message.replied_to_sid
        recent = threads.find_recent_of_customer(transaction, customer_id=customer_id, days=_RECENT_DAYS)
        if recent:
            return recent, "address", message.sender
        thread_id = self._new_id()
        threads.add(
            transaction,
            thread_id=thread_id,
            organization_id=organization_id,
            customer_id=customer_id,
            subject=message.text[: threads.LONGEST_BEGINNING],
            started_at=written_at,
        )
        return thread_id, "new", ""
