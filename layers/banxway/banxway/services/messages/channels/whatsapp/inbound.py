"""Files customers' WhatsApp messages into threads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.e164 import spellings
from banxway.ids import NewId
from banxway.models.channels import WHATSAPP
from banxway.models.messages.statuses import MessageStatus
from banxway.models.webhooks.callbacks import IncomingMessage
from banxway.services.customers import whatsapp_lines
from banxway.services.threads.append import append
from banxway.storage.database import Transaction
from banxway.storage.messages import messages
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.realtime.changes import PendingChange
from banxway.storage.threads import thread_events, threads

# WhatsApp proves a number, so a message joins the thread of the last message to or from it, even if that is another
# customer's thread. After this many days without a message a new thread begins.
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
    ) -> PendingChange | None:
        """Put a message into its thread and return the change to record; None for a message that is known."""
        known = messages.find_by_identity(transaction, channel=WHATSAPP.name, identity=message.identity)
        if known is not None:
            return None
        sender = whatsapp_lines.in_one_form(message.sender)
        customer_id = whatsapp_lines.find_or_add(
            transaction,
            organization_id=organization_id,
            number=sender,
            name=message.profile_name,
            new_id=self._new_id,
        )
        # A provider's or receiver's clock that runs ahead must not keep the 24-hour window open.
        written_at = messages.clamp_to_now(transaction, message.occurred_at or received_at)
        thread = self._thread_for(
            transaction, organization_id, customer_id, message, written_at, sender=sender
        )
        thread_events.adopt(transaction, thread_id=thread[0], senders=spellings(sender))
        row = self._row(
            organization_id,
            customer_id,
            message,
            (written_at, received_at),
            sender=sender,
            thread=thread,
        )
        pending = append(transaction, row)
        # Of two workers the slower one may apply the earlier message of the same second.
        threads.name_by_first_message(transaction, [row.thread_id])
        return pending

    def _row(
        self,
        organization_id: UUID,
        customer_id: UUID,
        message: IncomingMessage,
        times: tuple[datetime, datetime],
        *,
        sender: str,
        thread: tuple[UUID, str, str],
    ) -> NewMessageRow:
        thread_id, rule, evidence = thread
        written_at, received_at = times
        return NewMessageRow(
            id=self._new_id(),
            organization_id=organization_id,
            thread_id=thread_id,
            customer_id=customer_id,
            channel=WHATSAPP.name,
            direction="inbound",
            status=MessageStatus.RECEIVED,
            sender=sender,
            recipient=whatsapp_lines.in_one_form(message.recipient),
            kind=message.kind,
            body_text=message.text,
            content=_further_content(message),
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
        *,
        sender: str,
    ) -> tuple[UUID, str, str]:
        if message.replied_to_sid:
            answered = messages.find_by_provider_sid(transaction, message.replied_to_sid)
            row = messages.find(transaction, answered) if answered else None
            if row and row.recipient in spellings(sender):
                return row.thread_id, "reply", message.replied_to_sid
        exchanged = threads.find_exchanged(
            transaction, channel=WHATSAPP.name, addresses=spellings(sender), days=_RECENT_DAYS
        )
        if exchanged:
            return exchanged, "address", sender
        recent = threads.find_recent_of_customer(transaction, customer_id=customer_id, days=_RECENT_DAYS)
        if recent:
            return recent, "address", sender
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


def _further_content(message: IncomingMessage) -> dict[str, Any]:
    found = {"media_url": message.media_url, "referral": message.referral}
    return {name: value for name, value in found.items() if value}
