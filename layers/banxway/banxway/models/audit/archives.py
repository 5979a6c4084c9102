"""The parts of the audit trail that are kept outside the database: archived stretches, and anchors."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel


class ArchivedStretch(BaseModel):
    """Entries `first_sequence` to `last_sequence`, in one blob; the hashes link them to their neighbours.

    `previous_hash` is that of the entry before the first, `last_hash` that of the last.
    """

    first_sequence: int
    last_sequence: int
    previous_hash: str
    last_hash: str
    blob_key: str


class ArchiveManifest(BaseModel):
    """Every archived stretch of an organization, the oldest first."""

    format: str = "banxway-audit-archive-1"
    organization_id: UUID
    archives: list[ArchivedStretch] = []


class AnchoredHash(BaseModel):
    """The hash that an entry had when it was the newest."""

    sequence: int
    hash: str


class AuditAnchor(AnchoredHash):
    """The trail's head when it was last checked, and the heads before that."""

    earlier: list[AnchoredHash] = []

    def hashes(self) -> dict[int, str]:
        """Return every anchored hash, by sequence."""
        return {each.sequence: each.hash for each in (*self.earlier, self)}


@dataclass(frozen=True, slots=True)
class Archived:
    """The result of one archiving run: how many entries were archived, and how many trails are broken."""

    entries: int
    broken: int
