"""What a finding is made of: the cause as the catalogue tells it, and where it was found."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that can be wrong, in the guide's words where the guide has any.

    `hides` names the causes, or with a trailing `*` whole groups of them, that are only consequences where
    this one was found: about the same subject, or `everywhere` about any.
    """

    code: str
    area: str
    symptom: str
    cause: str
    fix: str
    issue: int | None = None
    severity: Severity = "error"
    hides: tuple[str, ...] = ()
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A cause, what it was found about, and what shows it.

    Two with the same `root` are one finding about both subjects; without one, code and subject decide.
    """

    code: str
    subject: str
    evidence: str
    root: Hashable = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one probe saw; `ok` is False where something is wrong that a later step puts into words."""

    ok: bool = True
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to the world outside, asked in a thread; `if_silent` is what no answer in time means."""

    name: str
    subject: str
    ask: Callable[[], Outcome]
    if_silent: Found | None = None


def outcome_of(*found: Found) -> Outcome:
    """Return the outcome of a probe that says everything by its findings."""
    return Outcome(ok=not found, found=found)
