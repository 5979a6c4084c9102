"""Threads as agents read them."""

from uuid import UUID

from banxway.models.actors import Actor
from banxway.models.channels import CHANNELS
from banxway.models.pages import Page, cut_items, cut_text
from banxway.models.threads.messages import Message
from banxway.models.threads.threads import MessagesQuery, Thread, ThreadQuery, ThreadSummary
from banxway.services.messages.recipients import answered_by
from banxway.storage.customers import customers
from banxway.storage.customers import suggested as suggested_customers
from banxway.storage.database import Database, Transaction
from banxway.storage.threads import lists, thread_events, thread_messages, threads
from banxway.storage.threads.threads import ThreadRow

_MESSAGES_SHOWN = 200
# In bytes on the wire.
_LONGEST_PART = 10_000
_LONGEST_LIST = 50_000


class Threads:
    """Reads threads; a thread is one customer's conversation over all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: ThreadQuery) -> Page[ThreadSummary]:
        """Return threads, the most recently active first. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            return lists.list_summaries(transaction, query)

    def get(self, *, actor: Actor, thread_id: UUID) -> Thread:
        """Return a thread with its customer and its latest messages, oldest first. Raises NotFound.

        Returns at most 200 messages, and only as many as fit into one answer. For a thread that was merged into
        another, returns the surviving thread.
        """
        with self._database.as_actor(actor) as transaction:
            return show(transaction, threads.get(transaction, thread_id))

    def list_messages(self, *, actor: Actor, thread_id: UUID, query: MessagesQuery) -> Page[Message]:
        """Return a thread's messages, the newest first. Raises NotFound, ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            row = threads.get(transaction, thread_id)
            return thread_messages.list_page(
                transaction, thread_id=row.id, limit=query.limit, cursor=query.cursor
            )


def show(transaction: Transaction, row: ThreadRow) -> Thread:
    """Return a thread's row as agents see it, long texts and lists cut."""
    people = {channel: answered_by(transaction, thread=row, channel=channel) for channel in CHANNELS}
    customer = customers.get(transaction, row.customer_id)
    name = cut_text(customer.name, most_bytes=_LONGEST_PART)
    addresses = cut_items(customer.addresses, most_bytes=_LONGEST_LIST)
    subject = cut_text(row.subject, most_bytes=_LONGEST_PART)
    tags = cut_items(row.tags, most_bytes=_LONGEST_LIST)
    page = thread_messages.list_page(transaction, thread_id=row.id, limit=_MESSAGES_SHOWN)
    all_events = thread_events.of_thread(transaction, row.id)
    events = cut_items(all_events[::-1], most_bytes=_LONGEST_LIST)[::-1]
    return Thread(
        id=row.id,
        subject=subject,
        status=row.status,
        customer=customer.model_copy(update={"name": name, "addresses": addresses}),
        assigned_to_user_id=row.assigned_to_user_id,
        tags=tags,
        is_spam=row.is_spam,
        related_thread_id=row.related_thread_id,
        suggested_customer=suggested_customers.find(transaction, row.id),
        reply_to={channel: found.reply_to for channel, found in people.items() if found.reply_to},
        reply_all={channel: found.reply_all for channel, found in people.items() if found.reply_all},
        last_message_at=row.last_message_at,
        created_at=row.created_at,
        events=events,
        is_cut=(subject, tags, name, addresses, events)
        != (row.subject, row.tags, customer.name, customer.addresses, all_events),
        messages=page.rows[::-1],
        next_cursor=page.next_cursor,
    )
