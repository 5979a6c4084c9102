"""Threads as agents read them."""

from datetime import UTC, datetime
from uuid import UUID

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.pages import Page, decode_cursor
from banxway.models.threads import Thread, ThreadQuery, ThreadSummary
from banxway.storage import customers, messages, threads
from banxway.storage.database import Database

_MESSAGES_SHOWN = 200


class Threads:
    """One customer's conversation over all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: ThreadQuery) -> Page[ThreadSummary]:
        """Return threads, the most recently active first. Raises ValidationFailed for a foreign cursor."""
        before = _position_of(query.cursor)
        with self._database.as_actor(actor) as transaction:
            return threads.list_summaries(
                transaction, limit=query.limit, before=before, customer_id=query.customer_id
            )

    def get(self, *, actor: Actor, thread_id: UUID) -> Thread:
        """Return a thread with its customer and its latest 200 messages, oldest first. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            row = threads.get(transaction, thread_id)
            return Thread(
                id=row["id"],
                subject=row["subject"],
                status=row["status"],
                customer=customers.get(transaction, row["customer_id"]),
                assigned_to_user_id=row["assigned_to_user_id"],
                last_message_at=row["last_message_at"],
                created_at=row["created_at"],
                messages=messages.list_in_thread(transaction, thread_id=thread_id, limit=_MESSAGES_SHOWN),
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
