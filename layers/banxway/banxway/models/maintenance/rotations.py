"""How far an organization's stored secrets have been brought under the current key."""

from datetime import datetime

from pydantic import BaseModel


class RotationProgress(BaseModel):
    """The latest rotation; all zero and empty if there never was one.

    `total` counts the envelopes found when it began, `rewrapped` those seen under the key `key_id` since, and
    `unreadable` those that could not be opened; the first of these are named in `unreadable_rows`.
    """

    started_at: datetime | None = None
    """When the latest rotation began; null if there never was one."""
    finished_at: datetime | None = None
    """When it ended; null while it runs."""
    total: int = 0
    """How many secrets there were when it began."""
    rewrapped: int = 0
    """How many of them are under the present key now."""
    unreadable: int = 0
    """How many of them could not be read."""
    unreadable_rows: list[str] = []
    """The first of these, by table and id."""
    key_id: str | None = None
    """The present key."""
    last_error: str | None = None
    """What went wrong last; null where nothing did."""
