"""Files what customers do to messages, and WhatsApp's notices about customers; these are not messages."""

from datetime import datetime
from uuid import UUID

from banxway.e164 import spellings
from banxway.ids import NewId
from banxway.models.webhooks.callbacks import CustomerEvent
from banxway.services.customers import whatsapp_lines
from banxway.storage.database import Transaction
from banxway.storage.messages import messages
from banxway.storage.realtime.changes import PendingChange
from banxway.storage.threads import thread_events, threads


class CustomerEvents:
    """Files reactions, edits, deletions and notices: they reopen no thread, are never unread and open no window."""

    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id

    def file(
        self, transaction: Transaction, *, organization_id: UUID, event: CustomerEvent, received_at: datetime
    ) -> PendingChange | None:
        """Store an event with the message it is about; return None if it is stored already or has no thread yet.

        The caller records the returned change, and commits.
        """
        known = spellings(event.sender)
        about = (
            thread_events.find_subject(transaction, message_sid=event.about_sid, parties=known)
            if event.about_sid
            else None
        )
        occurred_at = messages.clamp_to_now(transaction, event.occurred_at or received_at)
        thread_id = (
            about.thread_id if about else self._thread_of(transaction, organization_id, event, occurred_at)
        )
        is_new = thread_events.add(
            transaction,
            organization_id=organization_id,
            thread_id=thread_id,
            event=event,
            sender_spellings=known,
            occurred_at=occurred_at,
            received_at=received_at,
        )
        if not is_new or thread_id is None:
            return None
        return (
            PendingChange("message.event", thread_id, about.id)
            if about
            else PendingChange("thread.event", thread_id, None)
        )

    def _thread_of(
        self, transaction: Transaction, organization_id: UUID, event: CustomerEvent, occurred_at: datetime
    ) -> UUID | None:
        """Return the thread in which to show an event whose message is unknown, or None.

        An edit by a person without a thread starts one, since its text would be shown nowhere else.
        """
        customer_id = whatsapp_lines.find(transaction, event.sender)
        thread_id = customer_id and thread_events.find_latest_thread(transaction, customer_id=customer_id)
        if thread_id or event.kind != "edit":
            return thread_id
        customer_id = whatsapp_lines.find_or_add(
            transaction,
            organization_id=organization_id,
            number=event.sender,
            name=event.profile_name,
            new_id=self._new_id,
        )
        thread_id = self._new_id()
        threads.add(
            transaction,
            thread_id=thread_id,
            organization_id=organization_id,
            customer_id=customer_id,
            subject=event.text[:80],
            started_at=occurred_at,
        )
        return thread_id
