"""A finding: its cause from the catalogue, and where it was found."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A possible cause, in the guide's words where the guide has any.

    `hides` names the causes, or with a trailing `*` whole groups of them, that are only consequences of this one: for
    the same subject, or with `everywhere` for every subject.
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
    """A cause, the subject that has it, and the evidence.

    Two with the same `root` become one finding about both subjects; without a root, code and subject decide.
    """

    code: str
    subject: str
    evidence: str
    root: Hashable = None


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The result of one probe; `ok` is False also where a later step makes the finding."""

    ok: bool = True
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to an outside service, asked in a thread; `if_silent` is the finding if none answers in time."""

    name: str
    subject: str
    ask: Callable[[], ProbeResult]
    if_silent: Found | None = None


def result_of(*found: Found) -> ProbeResult:
    """Return the result of a probe with these findings; it passes if there are none."""
    return ProbeResult(ok=not found, found=found)
