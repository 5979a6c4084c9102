"""How far an organization's stored secrets have been brought under the current key."""

from datetime import datetime

from pydantic import BaseModel


class RotationProgress(BaseModel):
    """The latest rotation; all zero and empty if there never was one.

    `total` counts the envelopes found when it began, `rewrapped` those seen under the key `key_id` since, and
    `unreadable` those that could not be opened; the first of these are named in `unreadable_rows`.
    """

    started_at: datetime | None = None
    finished_at: datetime | None = None
    total: int = 0
    rewrapped: int = 0
    unreadable: int = 0
    unreadable_rows: list[str] = []
    key_id: str | None = None
    last_error: str | None = None
