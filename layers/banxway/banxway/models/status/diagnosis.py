"""What the diagnosis found: one entry per root cause, and every check that was made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class DiagnosisFinding(BaseModel):
    """One root cause. What merely follows from it is left out.

    `severity`: "error" keeps something from working, "warning" will or may, "note" is only worth knowing.
    `guide_issue` is the number of the issue in the guide's troubleshooting chapter that describes it.
    """

    code: str
    """A stable word for the cause; docs/troubleshooting.md lists them."""
    area: str
    """The part of the product that it concerns."""
    subject: str
    """What it is about: an integration, a mailbox, a queue."""
    severity: Literal["error", "warning", "note"]
    """Whether it keeps something from working, will or may, or is only worth knowing."""
    symptom: str
    """What people notice of it."""
    evidence: str
    """What was seen that proves it."""
    cause: str
    """Why it is so."""
    fix: str
    """What to do about it."""
    guide_issue: int | None
    """The number of the guide's issue that describes it; null where none does."""


class DiagnosisCheck(BaseModel):
    """One check: what was looked at, whether it was as it should be, and how long that took."""

    name: str
    """What was checked."""
    subject: str
    """What it was checked of."""
    ok: bool
    """Whether it was as it should be."""
    duration_ms: int
    """How long that took, in milliseconds."""


class Diagnosis(BaseModel):
    """A whole examination; `healthy` unless there is a finding of severity "error" or "warning"."""

    checked_at: datetime
    """When the examination began."""
    healthy: bool
    """Whether there is no finding of severity "error" or "warning"."""
    findings: list[DiagnosisFinding]
    """One entry per root cause, the gravest first."""
    checks: list[DiagnosisCheck]
    """Every check that was made."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What an address answered to a plain GET; `date` is its Date header, None where it sent none."""

    status: int
    date: datetime | None
    body: bytes
