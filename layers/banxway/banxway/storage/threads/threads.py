"""Threads: starting, finding and changing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from banxway.errors import NotFound
from banxway.storage.database import Transaction
from banxway.storage.storable_text import rows_to_json

LONGEST_SUBJECT = 500
LONGEST_BEGINNING = 80


@dataclass(frozen=True, slots=True)
class NewThread:
    """A thread to insert."""

    id: UUID
    organization_id: UUID
    customer_id: UUID
    subject: str
    last_message_at: datetime
    assigned_to_user_id: UUID | None = None
    is_spam: bool = False
    related_thread_id: UUID | None = None
    status: str = "open"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadActivity:
    """What new messages change in their thread: its latest activity, whether it reopens, whether it stays spam."""

    thread_id: UUID
    at: datetime
    reopens: bool
    clears_spam: bool


# A thread's subject must not show text of a channel that is hidden from the user: for such users the thread is named
# by the first message that they may view, as `name_by_first_message` does.
SHOWN_SUBJECT = f"""
    CASE WHEN (SELECT scope_hidden_channels()) IS NULL THEN t.subject
         ELSE coalesce((SELECT CASE WHEN m.channel = 'EMAIL' THEN left(m.subject, {LONGEST_SUBJECT})
                                    ELSE left(m.body_text, {LONGEST_BEGINNING}) END
                        FROM messages m WHERE m.thread_id = t.id
                        ORDER BY m.occurred_at, m.ordered_at, m.arrival LIMIT 1), '') END AS subject"""  # noqa: S608  # our own numbers


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread; its subject is the one that this scope's user may see."""

    id: UUID
    organization_id: UUID
    customer_id: UUID
    subject: str
    status: Literal["open", "closed"]
    assigned_to_user_id: UUID | None
    last_message_at: datetime
    created_at: datetime
    tags: list[str]
    is_spam: bool
    merged_into_thread_id: UUID | None
    related_thread_id: UUID | None


_COLUMNS = ", ".join(f"t.{name}" for name in ThreadRow.__slots__ if name != "subject") + f", {SHOWN_SUBJECT}"


def get(transaction: Transaction, thread_id: UUID) -> ThreadRow:
    """Return a thread, or the thread that it was merged into.

    Raises NotFound, also for another organization's thread.
    """
    row = transaction.one_of(
        ThreadRow,
        f"""SELECT {_COLUMNS} FROM threads t
            WHERE t.id = (SELECT coalesce(merged_into_thread_id, id) FROM threads WHERE id = %s)""",  # noqa: S608
        (thread_id,),
    )
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


def add_all(transaction: Transaction, rows: Sequence[NewThread]) -> None:
    """Start several threads."""
    if rows:
        columns = ", ".join(NewThread.__slots__)
        transaction.execute(
            f"INSERT INTO threads ({columns}) "  # noqa: S608  # our own column names
            f"SELECT {columns} FROM json_populate_recordset(NULL::threads, %s::json)",
            (rows_to_json(rows),),
        )


def record_message(transaction: Transaction, *, thread_id: UUID, at: datetime) -> UUID:
    """Record a new message's time as a thread's latest activity, and reopen the thread if it is closed.

    Returns the id of the thread that the message belongs to: another one if this one was merged meanwhile.
    """
    row = transaction.single(
        """UPDATE threads SET last_message_at = greatest(last_message_at, %s), status = 'open'
           WHERE id = (SELECT coalesce(merged_into_thread_id, id) FROM threads WHERE id = %s FOR NO KEY UPDATE)
           RETURNING id""",
        (at, thread_id),
    )
    found: UUID = row["id"]
    return found


def record_messages(transaction: Transaction, activities: Sequence[ThreadActivity]) -> None:
    """Record the new messages of several threads, with one entry for each thread."""
    if activities:
        transaction.execute(
            """UPDATE threads t
               SET last_message_at = greatest(t.last_message_at, new.at),
                   status = CASE WHEN new.reopens THEN 'open' ELSE t.status END,
                   is_spam = t.is_spam AND NOT new.clears_spam
               FROM unnest(%s::uuid[], %s::timestamptz[], %s::boolean[], %s::boolean[])
                    AS new (id, at, reopens, clears_spam)
               WHERE t.id = new.id""",
            (
                [one.thread_id for one in activities],
                [one.at for one in activities],
                [one.reopens for one in activities],
                [one.clears_spam for one in activities],
            ),
        )


def find_recent_of_customer(transaction: Transaction, *, customer_id: UUID, days: int) -> UUID | None:
    """Return the customer's open thread with the latest activity within `days`, or None."""
    row = transaction.one(
        """SELECT id FROM threads WHERE customer_id = %s AND status = 'open' AND merged_into_thread_id IS NULL
             AND last_message_at > now() - make_interval(days => %s)
           ORDER BY last_message_at DESC, id DESC LIMIT 1""",
        (customer_id, days),
    )
    return row["id"] if row else None


def find_exchanged(
    transaction: Transaction, *, channel: str, addresses: Sequence[str], days: int
) -> UUID | None:
    """Return the open thread of the latest message to or from one of these addresses within `days`, or None."""
    row = transaction.one(
        """SELECT t.id FROM (
               (SELECT thread_id, occurred_at, arrival FROM messages
                WHERE channel = %(channel)s AND direction = 'inbound' AND sender = ANY(%(addresses)s)
                ORDER BY occurred_at DESC, arrival DESC LIMIT 1)
               UNION ALL
               (SELECT thread_id, occurred_at, arrival FROM messages
                WHERE channel = %(channel)s AND direction = 'outbound' AND recipient = ANY(%(addresses)s)
                ORDER BY occurred_at DESC, arrival DESC LIMIT 1)) AS latest
           JOIN threads t ON t.id = latest.thread_id
           WHERE t.status = 'open' AND t.merged_into_thread_id IS NULL
             AND latest.occurred_at > now() - make_interval(days => %(days)s)
           ORDER BY latest.occurred_at DESC, latest.arrival DESC LIMIT 1""",
        {"channel": channel, "addresses": list(addresses), "days": days},
    )
    return row["id"] if row else None


def change(transaction: Transaction, thread_id: UUID, columns: Mapping[str, Any]) -> None:
    """Change columns of a thread."""
    given = ", ".join(f"{name} = %({name})s" for name in columns)
    transaction.execute(
        f"UPDATE threads SET {given} WHERE id = %(id)s",  # noqa: S608  # our own column names
        {**columns, "id": thread_id},
    )


def refresh_last_message_at(transaction: Transaction, thread_id: UUID) -> None:
    """Set a thread's last_message_at from its latest message, after one was moved out of it."""
    transaction.execute(
        """UPDATE threads SET last_message_at = coalesce(
               (SELECT max(occurred_at) FROM messages WHERE thread_id = %(id)s), last_message_at)
           WHERE id = %(id)s""",
        {"id": thread_id},
    )


def name_by_first_message(transaction: Transaction, thread_ids: Iterable[UUID]) -> None:
    """Set threads' subjects from their first message, unless it was written here.

    A mail gives its subject, another message the beginning of its text.
    """
    transaction.execute(
        """UPDATE threads t SET subject = first.subject
           FROM unnest(%s::uuid[]) AS wanted (id)
           CROSS JOIN LATERAL (SELECT m.identity, CASE WHEN m.channel = 'EMAIL' THEN left(m.subject, %s)
                                                       ELSE left(m.body_text, %s) END AS subject
                               FROM messages m WHERE m.id = (
                                   SELECT id FROM messages WHERE thread_id = wanted.id
                                   ORDER BY occurred_at, ordered_at, arrival LIMIT 1)) AS first
           WHERE t.id = wanted.id AND first.identity IS NOT NULL AND t.subject <> first.subject""",
        (list(thread_ids), LONGEST_SUBJECT, LONGEST_BEGINNING),
    )
