"""Changes, numbered per organization without gaps (migration 005).

Everybody in an organization may know the numbers: a user from whom a channel is hidden sees each hidden change with
its number, so that a number says no more than how many changes there were.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.realtime import Change, ChangeKind, ChangeList
from banxway.storage.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that is to be recorded at the end of the transaction."""

    kind: ChangeKind
    thread_id: UUID | None
    message_id: UUID | None


def record(
    transaction: Transaction,
    *,
    organization_id: UUID,
    kind: ChangeKind,
    thread_id: UUID | None = None,
    message_id: UUID | None = None,
) -> int:
    """Record one change and return its number. Locks the organization's sequence until the commit, so do it last."""
    row = transaction.single(
        """WITH next AS (
               INSERT INTO change_sequences (organization_id, current) VALUES (%(organization)s, 1)
               ON CONFLICT (organization_id) DO UPDATE SET current = change_sequences.current + 1
               RETURNING current)
           INSERT INTO changes (organization_id, sequence, kind, thread_id, message_id)
           SELECT %(organization)s, current, %(kind)s, %(thread)s, %(message)s FROM next
           RETURNING sequence""",
        {"organization": organization_id, "kind": kind, "thread": thread_id, "message": message_id},
    )
    return int(row["sequence"])


def record_all(transaction: Transaction, *, organization_id: UUID, pending: Sequence[PendingChange]) -> None:
    """Record changes in this order, in one statement. Locks the organization's sequence until the commit."""
    if not pending:
        return
    transaction.execute(
        """WITH next AS (
               INSERT INTO change_sequences (organization_id, current) VALUES (%(organization)s, %(count)s)
               ON CONFLICT (organization_id) DO UPDATE SET current = change_sequences.current + %(count)s
               RETURNING current)
           INSERT INTO changes (organization_id, sequence, kind, thread_id, message_id)
           SELECT %(organization)s, next.current - %(count)s + one.position, one.kind, one.thread_id, one.message_id
           FROM next, unnest(%(kinds)s::text[], %(threads)s::uuid[], %(messages)s::uuid[])
                      WITH ORDINALITY AS one (kind, thread_id, message_id, position)""",
        {
            "organization": organization_id,
            "count": len(pending),
            "kinds": [one.kind for one in pending],
            "threads": [one.thread_id for one in pending],
            "messages": [one.message_id for one in pending],
        },
    )


def list_since(transaction: Transaction, *, since: int, limit: int) -> ChangeList:
    """Return the changes after a number, oldest first."""
    # Read before the list, so that no change falls between the two: the list may be newer than this, never older.
    state = transaction.one("SELECT current FROM change_sequences")
    # Numbers have no gaps after the oldest one that is kept. So the range has two ends: a planner without statistics
    # would sort everything that was missed for an open one.
    rows = transaction.all(
        f"""{_SHOWN} FROM changes c
            WHERE c.sequence > (SELECT greatest(%(since)s, min(sequence) - 1) FROM changes)
              AND c.sequence <= (SELECT greatest(%(since)s, min(sequence) - 1) FROM changes) + %(limit)s
            ORDER BY c.sequence""",  # noqa: S608  # our own words
        {"since": since, "limit": limit + 1},
    )
    current = state["current"] if state else 0
    changes = [_shown(row) for row in rows[:limit]]
    # Numbers have no gaps, so a list that does not begin right after `since` has lost its beginning; and a `since`
    # above the latest number is from before a backup was restored.
    complete = changes[0].sequence == since + 1 if changes else since == current
    latest = max(current, rows[-1]["sequence"]) if rows else current
    return ChangeList(changes=changes, latest=latest, has_more=len(rows) > limit, complete=complete)


_SHOWN = """
    SELECT c.sequence, c.kind, c.thread_id, c.message_id, c.created_at,
           (SELECT scope_hidden_channels()) IS NULL
           OR (c.message_id IS NULL OR EXISTS (SELECT FROM messages m WHERE m.id = c.message_id))
              AND (c.thread_id IS NULL OR EXISTS (SELECT FROM threads t WHERE t.id = c.thread_id)) AS is_viewed"""


def _shown(row: Row) -> Change:
    """Return a change; of one that is hidden from the user only its number, since numbers have no gaps."""
    if not row.pop("is_viewed"):
        row |= {"kind": "hidden", "thread_id": None, "message_id": None}
    return Change(**row)


def organizations_with_unpushed(transaction: Transaction) -> list[UUID]:
    """Return the organizations with unpushed changes; for the system scope, whose policy shows only these."""
    return [row["organization_id"] for row in transaction.all("SELECT organization_id FROM change_sequences")]


def prune(transaction: Transaction) -> int:
    """Delete changes older than 30 days, of all organizations; for the system scope."""
    return transaction.execute("DELETE FROM changes WHERE created_at < now() - interval '30 days'")
