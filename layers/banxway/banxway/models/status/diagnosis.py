"""The result of the diagnosis: one finding per root cause, and every check that was made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class DiagnosisFinding(BaseModel):
    """One root cause. Findings that only follow from it are left out."""

    code: str
    """The cause's stable code; docs/troubleshooting.md lists them."""
    area: str
    """The part of the product that it concerns."""
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
    subject: str
    """What was checked: an integration, a mailbox, a queue or another subject."""
    ok: bool
    """Whether the check passed."""
    duration_ms: int
    """How long the check took, in milliseconds."""


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


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """The answer of a URL to a plain GET; `date` is its Date header, None if it has none."""

    status: int
    date: datetime | None
    body: bytes
