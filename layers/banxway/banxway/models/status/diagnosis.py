"""The result of the diagnosis: one finding per root cause, and every check that was made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from banxway.models.fields import RequestBody

GroupName = Literal[
    "exotel", "whatsapp", "mailboxes", "webhooks", "queues", "database", "keys", "clock", "sending", "access"
]
GroupState = Literal["pass", "warn", "fail", "not_checked"]
WhyNot = Literal["not_configured", "blocked", "not_asked"]


class DiagnosisFinding(BaseModel):
    """One root cause. Findings that only follow from it are left out."""

    code: str
    """The cause's stable code; docs/troubleshooting.md lists them."""
    area: str
    """The part of the product that it concerns."""
    group: GroupName
    """The group of checks to which it belongs; ask for this group alone to test it again."""
    subject: str
    """What it concerns: an integration, a mailbox, a queue or another subject."""
    severity: Literal["error", "warning", "note"]
    """`error` keeps something from working, `warning` will or may do so, `note` is only good to know."""
    symptom: str
    """What people notice."""
    evidence: str
    """The observation that proves it."""
    cause: str
    """Why it is so."""
    fix: str
    """What to do about it."""
    guide_issue: int | None
    """The number of the issue in the guide's troubleshooting chapter that describes it; null if none does."""


class DiagnosisCheck(BaseModel):
    """One check and its result."""

    name: str
    """The check's name."""
    group: GroupName
    """The group to which it belongs."""
    subject: str
    """What was checked: an integration, a mailbox, a queue or another subject."""
    ok: bool
    """Whether the check passed."""
    duration_ms: int
    """How long the check took, in milliseconds."""


class DiagnosisGroup(BaseModel):
    """One group of checks, and how it stands."""

    name: GroupName
    """The group."""
    state: GroupState
    """`fail` if it has an error, `warn` if it has a warning, `pass` if it has neither, or `not_checked`."""
    not_checked_because: WhyNot | None
    """`not_configured` if there is nothing to check, `blocked` if another finding prevents it, `not_asked` if another
    group alone was asked for; null if it was checked."""


class DiagnosisQuery(RequestBody):
    """Which checks to make: all, or those of one group."""

    group: GroupName | None = None
    """The one group to check again; the others are `not_checked`."""


class Diagnosis(BaseModel):
    """The result of one diagnosis."""

    checked_at: datetime
    """When the diagnosis began."""
    healthy: bool
    """Whether there is no finding of severity "error" or "warning"."""
    findings: list[DiagnosisFinding]
    """One finding per root cause, the most severe first."""
    checks: list[DiagnosisCheck]
    """Every check that was made."""
    groups: list[DiagnosisGroup]
    """Every group of checks, and how it stands."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """The answer of a URL to a plain GET; `date` is its Date header, None if it has none."""

    status: int
    date: datetime | None
    body: bytes
