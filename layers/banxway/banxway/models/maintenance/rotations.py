"""The progress of a key rotation, which brings an organization's stored secrets under the current key."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

PartName = Literal["integration_credentials", "email_accounts", "retiring_credentials", "blobs"]


class RotationPart(BaseModel):
    """How a rotation stands in one table, or in the stored content."""

    name: PartName
    """The table; `blobs` is stored content."""
    total: int
    """How many secrets it had when the rotation began."""
    rewrapped: int
    """How many of them are under the key `key_id` now."""
    unreadable: int
    """How many of them could not be opened."""


class RotationProgress(BaseModel):
    """The latest rotation; all fields are zero or empty if there never was one."""

    started_at: datetime | None = None
    """When the latest rotation began; null if there never was one."""
    finished_at: datetime | None = None
    """When it ended; null while it runs."""
    total: int = 0
    """How many secrets there were when it began."""
    rewrapped: int = 0
    """How many of them are under the key `key_id` now."""
    unreadable: int = 0
    """How many of them could not be opened."""
    unreadable_rows: list[str] = []
    """The first 50 of these, by table and id."""
    parts: list[RotationPart] = []
    """The same counts for each table and for stored content; empty until the rotation has counted."""
    key_id: str | None = None
    """The key that the rotation brings everything under."""
    last_error: str | None = None
    """What went wrong last; null if nothing did."""
