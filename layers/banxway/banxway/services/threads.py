"""Threads as agents read them."""

from datetime import UTC, datetime
from uuid import UUID

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.pages import Page, decode_cursor
from banxway.models.threads import Thread, ThreadQuery, ThreadSummary
from banxway.services.recipients import CHANNELS, answered_by
from banxway.storage import customers, suggested_customers, thread_events, thread_messages, threads
from banxway.storage.database import Database, Row, Transaction

_MESSAGES_SHOWN = 200


class Threads:
    """One customer's conversation over all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: ThreadQuery) -> Page[ThreadSummary]:
        """Return threads, the most recently active first. Raises ValidationFailed for a foreign cursor."""
        before = _position_of(query.cursor)
        with self._database.as_actor(actor) as transaction:
            return threads.list_summaries(transaction, limit=query.limit, before=before, query=query)

    def get(self, *, actor: Actor, thread_id: UUID) -> Thread:
        """Return a thread with its customer and its latest 200 messages, oldest first. Raises NotFound.

        A thread that was merged into another is shown as that one.
        """
        with self._database.as_actor(actor) as transaction:
            return show(transaction, threads.get(transaction, thread_id))


def show(transaction: Transaction, row: Row) -> Thread:
    """Return what agents see of a thread's row."""
    people = {channel: answered_by(transaction, thread=row, channel=channel) for channel in CHANNELS}
    return Thread(
        id=row["id"],
        subject=row["subject"],
        status=row["status"],
        customer=customers.get(transaction, row["customer_id"]),
        assigned_to_user_id=row["assigned_to_user_id"],
        tags=row["tags"],
        is_spam=row["is_spam"],
        related_thread_id=row["related_thread_id"],
        suggested_customer=suggested_customers.find(transaction, row["id"]),
        reply_to={channel: found.reply_to for channel, found in people.items() if found.reply_to},
        reply_all={channel: found.reply_all for channel, found in people.items() if found.reply_all},
        last_message_at=row["last_message_at"],
        created_at=row["created_at"],
        events=thread_events.of_thread(transaction, row["id"]),
        messages=thread_messages.list_in_thread(transaction, thread_id=row["id"], limit=_MESSAGES_SHOWN),
    )


def _position_of(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    try:
        at, thread_id = decode_cursor(cursor, parts=2)
        # In UTC, since PostgreSQL knows fewer offsets than Python does.
        return datetime.fromisoformat(at).astimezone(UTC).isoformat(), str(UUID(thread_id))
    except (ValueError, OverflowError) as error:
        raise ValidationFailed("cursor is not one of this list's", field="cursor") from error
