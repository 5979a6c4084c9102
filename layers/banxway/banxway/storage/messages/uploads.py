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
    """Note an upload that is to come, and return until when it may be claimed, by the database's clock."""
    row = transaction.single(
        """INSERT INTO uploads (id, organization_id, filename, content_type, size_bytes, created_by, expires_at)
           VALUES (%s, %s, %s, %s, %s, %s, now() + make_interval(secs => %s)) RETURNING expires_at""",
        (upload_id, organization_id, filename, content_type, size_bytes, created_by, lifetime_s),
    )
    expires_at: datetime = row["expires_at"]
    return expires_at


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload that was used up."""

    id: UUID
    filename: str
    content_type: str
    size_bytes: int


def take(transaction: Transaction, *, upload_ids: Sequence[UUID], created_by: UUID) -> list[UploadRow]:
    """Use uploads up and return those that their maker may still use; of two takers at once one gets them."""
    return transaction.all_of(
        UploadRow,
        """DELETE FROM uploads WHERE id = ANY(%s) AND created_by = %s AND expires_at > now()
           RETURNING id, filename, content_type, size_bytes""",
        (list(upload_ids), created_by),
    )


def prune(transaction: Transaction) -> int:
    """Delete the uploads that nobody claimed in time, of all organizations; needs the system scope."""
    return transaction.execute("DELETE FROM uploads WHERE expires_at < now()")
