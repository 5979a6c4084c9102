"""Threads: starting, finding, listing and changing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from banxway.errors import NotFound
from banxway.models.pages import Cursors, Instant, Page, cut_items, cut_text, fill_page
from banxway.models.threads.threads import ThreadQuery, ThreadSummary
from banxway.storage.database import Row, Transaction
from banxway.storage.storable_text import rows_to_json

_CURSORS = Cursors("threads", Instant, UUID)
_LONGEST_PART = 6_000
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
_SHOWN_SUBJECT = f"""
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


_COLUMNS = ", ".join(f"t.{name}" for name in ThreadRow.__slots__ if name != "subject") + f", {_SHOWN_SUBJECT}"


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


def list_summaries(transaction: Transaction, query: ThreadQuery) -> Page[ThreadSummary]:
    """Return threads, the most recently active first. Raises ValidationFailed for a cursor that is not ours."""
    rows = transaction.all(
        f"""SELECT t.id, {_SHOWN_SUBJECT}, t.status, t.customer_id, left(c.name, %(longest)s) AS customer_name,
                  t.assigned_to_user_id,
                  t.tags, t.is_spam, t.last_message_at, coalesce(latest.body_text, '') AS last_message_text,
                  counted.message_count, counted.unread_count
           FROM threads t JOIN customers c ON c.id = t.customer_id
           CROSS JOIN LATERAL (SELECT count(*) AS message_count,
                                      count(*) FILTER (WHERE m.direction = 'inbound' AND m.seen_at IS NULL)
                                          AS unread_count
                               FROM messages m WHERE m.thread_id = t.id) counted
           LEFT JOIN LATERAL (SELECT left(coalesce(m.reply_text, m.body_text), 200) AS body_text
                              FROM messages m WHERE m.id = (
                                  SELECT id FROM messages WHERE thread_id = t.id
                                  ORDER BY occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1)) latest ON true
           WHERE t.merged_into_thread_id IS NULL AND t.is_spam = %(is_spam)s
             AND (%(customer)s::uuid IS NULL OR t.customer_id = %(customer)s)
             AND (%(status)s::text IS NULL OR t.status = %(status)s)
             AND (%(assignee)s::uuid IS NULL OR t.assigned_to_user_id = %(assignee)s)
             AND (NOT %(unassigned)s OR t.assigned_to_user_id IS NULL)
             AND (%(tag)s::text IS NULL OR %(tag)s = ANY(t.tags))
             AND (%(at)s::timestamptz IS NULL
                  OR (t.last_message_at, t.id) < (%(at)s::timestamptz, %(id)s::uuid))
           ORDER BY t.last_message_at DESC, t.id DESC LIMIT %(limit)s""",  # noqa: S608  # our own words
        _asked(query),
    )
    return fill_page(
        map(_summed_up, rows),
        limit=query.limit,
        cursor_of=lambda last: _CURSORS.write(last.last_message_at.isoformat(), last.id),
    )


def _asked(query: ThreadQuery) -> dict[str, Any]:
    at, last_id = _CURSORS.read(query.cursor) or (None, None)
    return {
        "is_spam": query.is_spam,
        "customer": query.customer_id,
        "status": query.status,
        "assignee": None if query.assigned_to == "nobody" else query.assigned_to,
        "unassigned": query.assigned_to == "nobody",
        "tag": query.tag,
        "at": at,
        "id": last_id,
        "limit": query.limit + 1,
        # One character more than is shown, which shows that the name is longer.
        "longest": _LONGEST_PART + 1,
    }


def _summed_up(row: Row) -> ThreadSummary:
    short = {
        "subject": cut_text(row["subject"], most_bytes=_LONGEST_PART),
        "customer_name": cut_text(row["customer_name"], most_bytes=_LONGEST_PART),
        "tags": cut_items(row["tags"], most_bytes=_LONGEST_PART),
    }
    return ThreadSummary(**{**row, **short}, is_cut=any(row[name] != short[name] for name in short))


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
