"""Threads, and the evidence by which messages join them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from banxway.errors import NotFound
from banxway.models.pages import Page, encode_cursor
from banxway.models.threads import ThreadSummary
from banxway.storage.database import Row, Transaction


def get(transaction: Transaction, thread_id: UUID) -> Row:
    """Return a thread's row. Raises NotFound, also for another organization's."""
    row = transaction.one("SELECT * FROM threads WHERE id = %s", (thread_id,))
    if row is None:
        raise NotFound("Thread not found")
    return row


def add(
    transaction: Transaction,
    *,
    thread_id: UUID,
    organization_id: UUID,
    customer_id: UUID,
    subject: str,
    started_at: datetime,
) -> None:
    """Start a thread."""
    transaction.execute(
        """INSERT INTO threads (id, organization_id, customer_id, subject, last_message_at)
           VALUES (%s, %s, %s, %s, %s)""",
        (thread_id, organization_id, customer_id, subject, started_at),
    )


def note_message(
    transaction: Transaction,
    *,
    organization_id: UUID,
    thread_id: UUID,
    at: datetime,
    participants: Iterable[str],
) -> None:
    """Note a new message, its time and everybody it was from or to; it opens a closed thread again."""
    transaction.execute(
        "UPDATE threads SET last_message_at = greatest(last_message_at, %s), status = 'open' WHERE id = %s",
        (at, thread_id),
    )
    for address in sorted(set(participants)):
        transaction.execute(
            """INSERT INTO thread_participants (organization_id, thread_id, address) VALUES (%s, %s, %s)
               ON CONFLICT DO NOTHING""",
            (organization_id, thread_id, address),
        )


def find_by_mail_ids(
    transaction: Transaction, *, message_id: str | None, references: list[str], participant: str
) -> Row | None:
    """Return {thread_id, customer_id, evidence} of the thread a mail belongs to by its references, or None.

    It belongs where a message it refers to is, or where a message that refers to it already waits (mails
    arrive in any order). Knowing a Message-ID proves nothing alone: the sender must have taken part.
    """
    return transaction.one(
        """SELECT m.thread_id, m.customer_id, coalesce(m.mail_message_id, '') AS evidence
           FROM messages m
           JOIN thread_participants p ON p.thread_id = m.thread_id AND p.address = %(participant)s
           WHERE m.channel = 'EMAIL'
             AND (m.mail_message_id = ANY(%(references)s) OR m.mail_references @> ARRAY[%(message_id)s])
           ORDER BY array_position(%(references)s, m.mail_message_id) DESC NULLS LAST, m.occurred_at DESC
           LIMIT 1""",
        {"participant": participant, "references": references, "message_id": message_id or ""},
    )


def find_recent_of_customer(transaction: Transaction, *, customer_id: UUID, days: int) -> UUID | None:
    """Return the customer's open thread with the latest activity within so many days, or None."""
    row = transaction.one(
        """SELECT id FROM threads WHERE customer_id = %s AND status = 'open'
             AND last_message_at > now() - make_interval(days => %s)
           ORDER BY last_message_at DESC, id DESC LIMIT 1""",
        (customer_id, days),
    )
    return row["id"] if row else None


def list_summaries(
    transaction: Transaction, *, limit: int, before: tuple[str, str] | None, customer_id: UUID | None
) -> Page[ThreadSummary]:
    """Return threads, the most recently active first; `before` is the sort key of the page before."""
    rows = transaction.all(
        """SELECT t.id, t.subject, t.status, t.customer_id, c.name AS customer_name, t.assigned_to_user_id,
                  t.last_message_at, coalesce(latest.body_text, '') AS last_message_text,
                  (SELECT count(*) FROM messages m WHERE m.thread_id = t.id) AS message_count
           FROM threads t JOIN customers c ON c.id = t.customer_id
           LEFT JOIN LATERAL (SELECT left(m.body_text, 200) AS body_text
                              FROM messages m WHERE m.thread_id = t.id
                              ORDER BY m.occurred_at DESC, m.created_at DESC LIMIT 1) latest ON true
           WHERE (%(customer)s::uuid IS NULL OR t.customer_id = %(customer)s)
             AND (%(at)s::timestamptz IS NULL
                  OR (t.last_message_at, t.id) < (%(at)s::timestamptz, %(id)s::uuid))
           ORDER BY t.last_message_at DESC, t.id DESC LIMIT %(limit)s""",
        {
            "customer": customer_id,
            "at": before[0] if before else None,
            "id": before[1] if before else None,
            "limit": limit + 1,
        },
    )
    summaries = [ThreadSummary(**row) for row in rows[:limit]]
    last = summaries[-1] if len(rows) > limit else None
    return Page(summaries, encode_cursor(last.last_message_at.isoformat(), last.id) if last else None)
