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
    area: str
    subject: str
    severity: Literal["error", "warning", "note"]
    symptom: str
    evidence: str
    cause: str
    fix: str
    guide_issue: int | None


class DiagnosisCheck(BaseModel):
    """One check: what was looked at, whether it was as it should be, and how long that took."""

    name: str
    subject: str
    ok: bool
    duration_ms: int


class Diagnosis(BaseModel):
    """A whole examination; `healthy` unless there is a finding of severity "error" or "warning"."""

    checked_at: datetime
    healthy: bool
    findings: list[DiagnosisFinding]
    checks: list[DiagnosisCheck]


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What an address answered to a plain GET; `date` is its Date header, None where it sent none."""

    status: int
    date: datetime | None
    body: bytes
