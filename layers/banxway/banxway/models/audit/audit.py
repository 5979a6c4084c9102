"""The audit trail, as admins read it."""

import re
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from banxway.models.fields import Instant
from banxway.models.pages import LONGEST_CURSOR, FilePiece, PageQuery
from banxway.models.words import IntegrationType, Outcome


class AuditEntry(BaseModel):
    """One entry of the audit trail.

    `is_cut` is true if `details` are shortened; the exported file has them whole.
    """

    id: UUID
    """The entry's id."""
    sequence: int
    """Its number in the organization's chain, from 1."""
    user_id: UUID | None
    """Who did it; null for the product itself."""
    user_name: str | None
    """Their name; null for the product itself."""
    integration_type: IntegrationType | None
    """The integration that it concerns; null if it concerns none."""
    action: str
    """What was done, such as integration.configure."""
    status: Outcome
    """Whether it succeeded."""
    details: dict[str, Any]
    """Its details; never a credential."""
    is_cut: bool
    """Whether `details` are shortened."""
    created_at: datetime
    """When it was done."""
    hash: str
    """The entry's hash, which includes that of the entry before."""


def _with_an_offset(given: Any) -> Any:
    if isinstance(given, str) and _DAY.fullmatch(given):
        return f"{given}T00:00:00Z"
    return f"{given}Z" if isinstance(given, str) and _WITHOUT_OFFSET.fullmatch(given) else given


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WITHOUT_OFFSET = re.compile(rf"{_DAY.pattern}[Tt ][0-9:.]{{8,15}}")
_Since = Annotated[Instant, BeforeValidator(_with_an_offset)]
"""An instant, or a day, which means its beginning; without an offset it is in UTC."""


class AuditFilters(BaseModel):
    """Which entries: all, or those of one integration, action, status, user and time (`until` excluded)."""

    model_config = ConfigDict(extra="forbid")

    integration_type: IntegrationType | None = None
    """Only entries that concern this integration."""
    action: str | None = None
    """Only entries with this action, such as integration.configure."""
    status: Outcome | None = None
    """Only what succeeded, or only what failed."""
    user_id: UUID | None = None
    """Only what this user did."""
    since: _Since | None = None
    """Only entries at this instant or later; without an offset it is in UTC."""
    until: _Since | None = None
    """Only entries before this instant; without an offset it is in UTC."""

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
    """These entries as one file; `cursor` continues after a file that was too long for one answer."""

    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)
    """The `X-Next-Cursor` of the file before."""


class AuditExport(NamedTuple):
    """A file of entries, the newest first, in pieces; an answer contains as many pieces as fit."""

    pieces: list[FilePiece]


class AuditVerificationQuery(BaseModel):
    """Where the verification continues; without a cursor it begins at the first entry."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)
    """The `next_cursor` of the answer before."""


class AuditVerification(BaseModel):
    """Whether the audit trail is unchanged as far as it was checked; if not, the first wrong entry and what is wrong.

    A long trail takes several requests: it is verified once an answer has no `next_cursor`.
    """

    valid: bool
    """Whether every entry that was checked is unchanged."""
    checked: int
    """How many entries were checked, those of the answers before included."""
    total: int
    """How many entries the trail has now."""
    checked_through: datetime | None
    """When the newest entry that was checked was made; null if none was checked."""
    first_bad_sequence: int | None
    """The first entry that is wrong; null if none is."""
    reason: str | None
    """What is wrong with it; null if no entry is wrong."""
    next_cursor: str | None
    """Where to continue; null if every entry was checked, or one is wrong."""
