"""What workers gave up: one row for each piece of work, which opens again if it is given up again (migration 036)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.models.dead_letters.dead_letters import DeadLetterItemQuery, DeadLetterSelection, DeadLetterState
from banxway.models.pages import Cursors, Instant, Page, fill_page
from banxway.storage.database import Transaction
from banxway.storage.storable_text import to_json

_CURSORS = Cursors("dead letters", Instant, UUID)
_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class NewDeadLetter:
    """An item that was given up. `cause` is None if nobody knows it."""

    id: UUID
    organization_id: UUID
    queue: str
    identity: str
    item: dict[str, Any]
    message_id: UUID | None
    account_id: UUID | None
    cause: str
    sentence: str
    attempts: int
    queue_message_id: str
    first_failed_at: datetime
    last_failed_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """A dead letter, with what is known now of the message, customer or mailbox that it is about."""

    id: UUID
    organization_id: UUID
    queue: str
    item: dict[str, Any]
    message_id: UUID | None
    account_id: UUID | None
    cause: str
    sentence: str
    attempts: int
    times_given_up: int
    first_failed_at: datetime
    last_failed_at: datetime
    state: DeadLetterState
    reason: str | None
    settled_at: datetime | None
    settled_by: str | None
    message_status: str | None
    recipient: str | None
    thread_id: UUID | None
    customer_name: str | None
    mailbox: str | None
    is_polled: bool | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The dead letters of one queue that have the same cause."""

    queue: str
    cause: str
    sentence: str
    count: int
    customers: int
    first_failed_at: datetime
    last_failed_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many dead letters of a queue are open."""

    queue: str
    count: int


_SHOWN = """
    SELECT d.id, d.organization_id, d.queue, d.item, d.message_id, d.account_id, d.cause, d.sentence, d.attempts,
           d.times_given_up, d.first_failed_at, d.last_failed_at, d.state, d.reason, d.settled_at,
           u.name AS settled_by, m.status AS message_status, m.recipient, m.thread_id, c.name AS customer_name,
           a.email AS mailbox, a.imap_enabled AS is_polled
    FROM dead_letters d
    LEFT JOIN messages m ON m.organization_id = d.organization_id AND m.id = d.message_id
    LEFT JOIN customers c ON c.organization_id = d.organization_id AND c.id = m.customer_id
    LEFT JOIN email_accounts a ON a.organization_id = d.organization_id AND a.id = d.account_id
    LEFT JOIN users u ON u.organization_id = d.organization_id AND u.id = d.settled_by
"""


def record(transaction: Transaction, new: NewDeadLetter) -> bool:
    """Record an item that was given up; False if it is recorded by this queue id already, or was open before.

    The same work again opens its row again and counts. Locks the row until the commit.
    """
    row = transaction.one(_RECORD, {**_values(new), "kept": _REMEMBERED})
    return row is not None and row["state_before"] != "open"


def explain(transaction: Transaction, new: NewDeadLetter, *, unexplained: str) -> None:
    """Give a row the cause that comes later than the item itself; only where it has none yet."""
    transaction.execute(
        """UPDATE dead_letters SET cause = %(cause)s, sentence = %(sentence)s
           WHERE organization_id = %(organization_id)s AND queue = %(queue)s AND identity = %(identity)s
             AND cause = %(unexplained)s
             AND queue_message_ids[cardinality(queue_message_ids)] = %(queue_message_id)s""",
        {**_values(new), "unexplained": unexplained},
    )


def list_groups(transaction: Transaction, *, state: DeadLetterState) -> list[GroupRow]:
    """Return the groups of dead letters in this state, the one with the latest failure first."""
    return transaction.all_of(
        GroupRow,
        """SELECT d.queue, d.cause, (array_agg(d.sentence ORDER BY d.last_failed_at DESC))[1] AS sentence,
                  count(*)::int AS count, count(DISTINCT m.customer_id)::int AS customers,
                  min(d.first_failed_at) AS first_failed_at, max(d.last_failed_at) AS last_failed_at
           FROM dead_letters d
           LEFT JOIN messages m ON m.organization_id = d.organization_id AND m.id = d.message_id
           WHERE d.state = %s
           GROUP BY d.queue, d.cause ORDER BY max(d.last_failed_at) DESC, d.queue, d.cause""",
        (state,),
    )


def list_page(transaction: Transaction, query: DeadLetterItemQuery) -> Page[DeadLetterRow]:
    """Return dead letters, the latest failure first. Raises ValidationFailed for a cursor that is not ours."""
    instant, last_id = _CURSORS.read(query.cursor) or (None, None)
    rows = transaction.all_of(
        DeadLetterRow,
        f"""{_SHOWN}
            WHERE d.state = %(state)s
              AND (%(queue)s::text IS NULL OR d.queue = %(queue)s)
              AND (%(cause)s::text IS NULL OR d.cause = %(cause)s)
              AND (%(instant)s::timestamptz IS NULL
                   OR (d.last_failed_at, d.id) < (%(instant)s::timestamptz, %(last_id)s::uuid))
            ORDER BY d.last_failed_at DESC, d.id DESC LIMIT %(limit)s""",
        {
            "state": query.state,
            "queue": query.queue,
            "cause": query.cause,
            "instant": instant,
            "last_id": last_id,
            "limit": query.limit + 1,
        },
    )
    return fill_page(
        rows,
        limit=query.limit,
        cursor_of=lambda last: _CURSORS.write(last.last_failed_at.isoformat(), last.id),
    )


def select(transaction: Transaction, chosen: DeadLetterSelection, *, limit: int) -> list[DeadLetterRow]:
    """Return the chosen dead letters and lock them until the commit: by id in any state, of a group the open ones.

    The oldest failure first.
    """
    return transaction.all_of(
        DeadLetterRow,
        f"""{_SHOWN}
            WHERE (d.id = ANY (%(ids)s::uuid[]) OR d.state = 'open' AND d.queue = %(queue)s AND d.cause = %(cause)s)
            ORDER BY d.last_failed_at, d.id LIMIT %(limit)s FOR NO KEY UPDATE OF d""",
        {"ids": chosen.ids or [], "queue": chosen.queue, "cause": chosen.cause, "limit": limit},
    )


def settle(
    transaction: Transaction,
    rows: Collection[DeadLetterRow],
    *,
    state: DeadLetterState,
    user_id: UUID,
    reason: str | None = None,
) -> int:
    """Settle open dead letters and return how many; one that was given up again meanwhile stays open."""
    return transaction.execute(
        """UPDATE dead_letters d SET state = %s, reason = %s, settled_at = now(), settled_by = %s
           FROM unnest(%s::uuid[], %s::integer[]) AS seen (id, times)
           WHERE d.id = seen.id AND d.times_given_up = seen.times AND d.state = 'open'""",
        (state, reason, user_id, [row.id for row in rows], [row.times_given_up for row in rows]),
    )


def count_open(transaction: Transaction, *, queue: str, cause: str | None = None) -> int:
    """Return how many dead letters of a queue are open, all or those with a cause."""
    row = transaction.single(
        """SELECT count(*) AS open FROM dead_letters
           WHERE state = 'open' AND queue = %s AND (%s::text IS NULL OR cause = %s)""",
        (queue, cause, cause),
    )
    return int(row["open"])


def open_by_queue(transaction: Transaction) -> Sequence[OpenCount]:
    """Return how many dead letters of each queue are open; of a queue without any, nothing."""
    return transaction.all_of(
        OpenCount,
        """SELECT queue, count(*)::int AS count FROM dead_letters
           WHERE state = 'open' GROUP BY queue ORDER BY queue""",
    )


def _values(new: NewDeadLetter) -> dict[str, Any]:
    return {name: getattr(new, name) for name in NewDeadLetter.__slots__} | {"item": to_json(new.item)}


_RECORD = """
    WITH before AS (
        SELECT state FROM dead_letters
        WHERE organization_id = %(organization_id)s AND queue = %(queue)s AND identity = %(identity)s)
    INSERT INTO dead_letters AS d (id, organization_id, queue, identity, item, message_id, account_id, cause,
                                   sentence, attempts, queue_message_ids, first_failed_at, last_failed_at)
    VALUES (%(id)s, %(organization_id)s, %(queue)s, %(identity)s, %(item)s, %(message_id)s, %(account_id)s,
            %(cause)s, %(sentence)s, %(attempts)s, ARRAY[%(queue_message_id)s::text], %(first_failed_at)s,
            %(last_failed_at)s)
    ON CONFLICT (organization_id, queue, identity) DO UPDATE
    SET cause = excluded.cause, sentence = excluded.sentence, attempts = d.attempts + excluded.attempts,
        times_given_up = d.times_given_up + 1,
        first_failed_at = least(d.first_failed_at, excluded.first_failed_at),
        last_failed_at = greatest(d.last_failed_at, excluded.last_failed_at),
        queue_message_ids = d.queue_message_ids[greatest(1, cardinality(d.queue_message_ids) - %(kept)s + 2):]
                            || excluded.queue_message_ids,
        state = 'open', reason = NULL, settled_at = NULL, settled_by = NULL
    WHERE NOT excluded.queue_message_ids <@ d.queue_message_ids
    RETURNING (SELECT state FROM before) AS state_before
"""
