"""The audit trail as a chain of hashes: its entries, its head, and how far it is anchored outside the database."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.storage.database import Transaction

NO_HASH = "0" * 64
"""The `previous_hash` of the first entry."""


def organizations(transaction: Transaction) -> list[UUID]:
    """Return every organization that has a trail. Needs the system scope."""
    return [row["id"] for row in transaction.all("SELECT organization_id AS id FROM integration_audit_heads")]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the trail, as the texts that its hash covers; `epoch` is `created_at` in seconds."""

    sequence: int
    id: str
    organization_id: str
    user_id: str | None
    integration_id: str | None
    integration_type: str | None
    action: str
    status: str
    details: str
    epoch: str
    previous_hash: str
    hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TrailHead:
    """The trail's head (`sequence` and `hash`), and the sequences of the first and the last entry that are stored."""

    sequence: int
    hash: str
    first: int
    last: int


def links(transaction: Transaction, *, after: int, limit: int) -> list[Entry]:
    """Return the entries from `after + 1` to `after + limit`, in order.

    The range has two ends because a planner without statistics would sort the whole trail for an open one.
    """
    return transaction.all_of(
        Entry,
        """SELECT sequence, id::text, organization_id::text, user_id::text, integration_id::text,
                  integration_type::text, action::text, status::text, details::text,
                  extract(epoch FROM created_at)::text AS epoch, previous_hash, hash, created_at
           FROM integration_audit_logs WHERE sequence > %s AND sequence <= %s
           ORDER BY sequence LIMIT %s""",
        (after, after + limit, limit),
    )


def entry_hash(link: Entry, *, previous_hash: str) -> str:
    """Return the hash that an entry must have; the same computation as `audit_hash` in migration 006."""
    said = (
        previous_hash,
        str(link.sequence),
        link.id,
        link.organization_id,
        link.user_id or "-",
        link.integration_id or "-",
        link.integration_type or "-",
        link.action,
        link.status,
        link.details,
        link.epoch,
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def head(transaction: Transaction) -> TrailHead:
    """Return the trail's head; before any entry `sequence` is 0, `hash` NO_HASH, `first` 1 and `last` 0."""
    return transaction.single_of(
        TrailHead,
        """SELECT coalesce(h.sequence, 0) AS sequence, coalesce(h.hash, repeat('0', 64)) AS hash,
                  coalesce((SELECT min(sequence) FROM integration_audit_logs), 1) AS first,
                  coalesce((SELECT max(sequence) FROM integration_audit_logs), 0) AS last
           FROM (SELECT 1) AS one LEFT JOIN integration_audit_heads h ON true""",
    )


def hashes_of(transaction: Transaction, sequences: Sequence[int]) -> dict[int, str]:
    """Return the stored hashes of these entries, by sequence, without those that do not exist."""
    rows = transaction.all(
        "SELECT sequence, hash FROM integration_audit_logs WHERE sequence = ANY(%s)", (list(sequences),)
    )
    return {row["sequence"]: row["hash"] for row in rows}


def unanchored(transaction: Transaction, *, limit: int) -> list[UUID]:
    """Return organizations whose head has moved since it was anchored. Needs the system scope."""
    rows = transaction.all(
        """SELECT h.organization_id FROM integration_audit_heads h LEFT JOIN audit_anchors a USING (organization_id)
           WHERE (a.sequence, a.hash) IS DISTINCT FROM (h.sequence, h.hash)
           ORDER BY a.anchored_at NULLS FIRST LIMIT %s""",
        (limit,),
    )
    return [row["organization_id"] for row in rows]


def record_anchored(
    transaction: Transaction, *, organization_id: UUID, sequence: int, last_hash: str
) -> None:
    """Record how far a trail is anchored, and that its anchor has just been checked."""
    transaction.execute(
        """INSERT INTO audit_anchors (organization_id, sequence, hash) VALUES (%s, %s, %s)
           ON CONFLICT (organization_id) DO UPDATE
           SET sequence = excluded.sequence, hash = excluded.hash, anchored_at = now()""",
        (organization_id, sequence, last_hash),
    )
