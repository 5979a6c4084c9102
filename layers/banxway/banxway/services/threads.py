"""Threads as agents read them."""

from uuid import UUID

from banxway.models.actors import Actor
from banxway.models.pages import Page
from banxway.models.threads import Thread, ThreadQuery, ThreadSummary
from banxway.storage import customers, thread_messages, threads
from banxway.storage.database import Database, Row, Transaction

_MESSAGES_SHOWN = 200


class Threads:
    """One customer's conversation over all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: ThreadQuery) -> Page[ThreadSummary]:
        """Return threads, the most recently active first. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            return threads.list_summaries(transaction, query)

    def get(self, *, actor: Actor, thread_id: UUID) -> Thread:
        """Return a thread with its customer and its latest 200 messages, oldest first. Raises NotFound.

        A thread that was merged into another is shown as that one.
        """
        with self._database.as_actor(actor) as transaction:
            return show(transaction, threads.get(transaction, thread_id))


def show(transaction: Transaction, row: Row) -> Thread:
    """Return what agents see of a thread's row."""
    return Thread(
        id=row["id"],
        subject=row["subject"],
        status=row["status"],
        customer=customers.get(transaction, row["customer_id"]),
        assigned_to_user_id=row["assigned_to_user_id"],
        tags=row["tags"],
        is_spam=row["is_spam"],
        related_thread_id=row["related_thread_id"],
        last_message_at=row["last_message_at"],
        created_at=row["created_at"],
        messages=thread_messages.list_in_thread(transaction, thread_id=row["id"], limit=_MESSAGES_SHOWN),
    )
