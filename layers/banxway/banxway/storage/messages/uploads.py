"""Announced uploads (migration 017)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.storage.database import Transaction


def add(
    transaction: Transaction,
    *,
    upload_id: UUID,
    organization_id: UUID,
    filename: str,
    content_type: str,
    size_bytes: int,
    created_by: UUID,
    lifetime_s: int,
) -> datetime:
    """Record an announced upload and return until when it may be claimed, by the database's clock."""
    row = transaction.single(
        """INSERT INTO uploads (id, organization_id, filename, content_type, size_bytes, created_by, expires_at)
           VALUES (%s, %s, %s, %s, %s, %s, now() + make_interval(secs => %s)) RETURNING expires_at""",
        (upload_id, organization_id, filename, content_type, size_bytes, created_by, lifetime_s),
    )
    expires_at: datetime = row["expires_at"]
    return expires_at


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload that was claimed."""

    id: UUID
    filename: str
    content_type: str
    size_bytes: int


def claim(transaction: Transaction, *, upload_ids: Sequence[UUID], created_by: UUID) -> list[UploadRow]:
    """Claim a user's uploads that have not expired, and return them; of two claims at once, one gets them."""
    return transaction.all_of(
        UploadRow,
        """DELETE FROM uploads WHERE id = ANY(%s) AND created_by = %s AND expires_at > now()
           RETURNING id, filename, content_type, size_bytes""",
        (list(upload_ids), created_by),
    )


def prune(transaction: Transaction) -> int:
    """Delete the uploads that were not claimed in time, of all organizations; needs the system scope."""
    return transaction.execute("DELETE FROM uploads WHERE expires_at < now()")
