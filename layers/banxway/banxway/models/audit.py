"""The audit trail, as admins read it."""

import re
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from banxway.models.fields import Instant
from banxway.models.pages import LONGEST_CURSOR, FilePiece, PageQuery


class AuditEntry(BaseModel):
    """One entry; `sequence` and `hash` are its place in the organization's chain.

    `is_cut` says that `details` are long and shortened here; the exported file has them whole.
    """

    id: UUID
    sequence: int
    user_id: UUID | None
    integration_type: str | None
    action: str
    status: str
    details: dict[str, Any]
    is_cut: bool
    created_at: datetime
    hash: str


def _with_an_offset(given: Any) -> Any:
    if isinstance(given, str) and _DAY.fullmatch(given):
        return f"{given}T00:00:00Z"
    return f"{given}Z" if isinstance(given, str) and _WITHOUT_OFFSET.fullmatch(given) else given


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WITHOUT_OFFSET = re.compile(rf"{_DAY.pattern}[Tt ][0-9:.]{{8,15}}")
_Since = Annotated[Instant, BeforeValidator(_with_an_offset)]
"""A point in time, or the beginning of a day; without an offset it is in UTC."""


class AuditFilters(BaseModel):
    """Which entries: all, or those of one integration, action, outcome, user, and time (`until` excluded)."""

    model_config = ConfigDict(extra="forbid")

    integration_type: str | None = None
    action: str | None = None
    status: str | None = None
    user_id: UUID | None = None
    since: _Since | None = None
    until: _Since | None = None

    @field_validator("until")
    @classmethod
    def _must_follow_since(cls, until: datetime | None, values: ValidationInfo) -> datetime | None:
        since = values.data.get("since")
        if until is not None and since is not None and until < since:
            raise ValueError("must not be before since")
        return until


class AuditQuery(AuditFilters, PageQuery):
    """One page of these entries."""


class AuditExportQuery(AuditFilters):
    """These entries as one file; `cursor` goes on where a file that was cut off ended."""

    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)


class AuditExport(NamedTuple):
    """A file of entries, the newest first, in pieces: an answer holds as many of them as fit."""

    pieces: list[FilePiece]


class AuditVerification(BaseModel):
    """Whether the trail is what was written; if not, the first entry that is not, and in which way."""

    valid: bool
    checked: int
    first_bad_sequence: int | None
    reason: str | None
