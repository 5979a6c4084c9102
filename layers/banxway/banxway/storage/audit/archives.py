"""Which stretches of an audit trail are archived, and in which blob."""

from uuid import UUID

from banxway.models.audit.archives import ArchivedStretch
from banxway.storage.database import Transaction


def list_all(transaction: Transaction) -> list[ArchivedStretch]:
    """Return the organization's archived stretches, the oldest first."""
    rows = transaction.all(
        """SELECT first_sequence, last_sequence, previous_hash, last_hash, blob_key FROM audit_archives
           ORDER BY first_sequence"""
    )
    return [ArchivedStretch(**row) for row in rows]


def find_last(transaction: Transaction) -> ArchivedStretch | None:
    """Return the newest archived stretch, or None."""
    row = transaction.one(
        """SELECT first_sequence, last_sequence, previous_hash, last_hash, blob_key FROM audit_archives
           ORDER BY first_sequence DESC LIMIT 1"""
    )
    return ArchivedStretch(**row) if row else None


def add(
    transaction: Transaction, *, archive_id: UUID, organization_id: UUID, stretch: ArchivedStretch
) -> None:
    """Record an archived stretch; if one that begins at the same entry is recorded already, nothing changes."""
    transaction.execute(
        """INSERT INTO audit_archives
               (id, organization_id, first_sequence, last_sequence, previous_hash, last_hash, blob_key)
           VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (organization_id, first_sequence) DO NOTHING""",
        (
            archive_id,
            organization_id,
            stretch.first_sequence,
            stretch.last_sequence,
            stretch.previous_hash,
            stretch.last_hash,
            stretch.blob_key,
        ),
    )
