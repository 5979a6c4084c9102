"""Limits how much of one mail is parsed; above a limit, the mail is shown with what was parsed until then.

Strangers write mails. Each limit turns an attack into a visible mail with a sentence in `problems`
(reference/threats-and-faults.md, threat 31); none of them ever hides a mail.
"""

from dataclasses import dataclass, field

from banxway.clock import Clock


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """The limits for one mail, including its embedded mails; the names state the units."""

    max_parts: int = 500
    max_depth: int = 30
    max_header_bytes: int = 256 * 1024
    max_decoded_bytes: int = 128 * 1024 * 1024
    max_text_chars: int = 2_000_000
    max_seconds: float = 20.0
    max_stdlib_bytes: int = 10 * 1024 * 1024
    max_stdlib_steps: int = 400_000


DEFAULT = ParseLimits()


@dataclass(slots=True)
class Budget:
    """What one mail has used of its limits while it is parsed, and the problems that were found in it."""

    limits: ParseLimits
    clock: Clock
    problems: list[str] = field(default_factory=list)
    parts: int = 0
    decoded_bytes: int = 0
    deadline: float = 0.0

    def __post_init__(self) -> None:
        """Start the time limit."""
        self.deadline = self.clock.monotonic() + self.limits.max_seconds

    def add_problem(self, problem: str) -> None:
        """Add a sentence about this mail, each only once, and at most fifty."""
        if problem and problem not in self.problems and len(self.problems) < 50:
            self.problems.append(problem)

    def admit_part(self, depth: int) -> bool:
        """Count one more part; return False, and add a problem, for one too many, too deep, or too late."""
        if depth > self.limits.max_depth:
            self.add_problem(f"Parts nested deeper than {self.limits.max_depth} were left unread.")
            return False
        if self.parts >= self.limits.max_parts:
            self.add_problem(
                f"The mail has more than {self.limits.max_parts} parts; the rest was left unread."
            )
            return False
        if self.clock.monotonic() > self.deadline:
            self.add_problem(
                f"Reading stopped after {self.limits.max_seconds:g} seconds; the rest was left unread."
            )
            return False
        self.parts += 1
        return True

    def admit_embedded_mail(self, depth: int) -> bool:
        """Return whether an embedded mail may be parsed; its part, which was counted already, counts only once."""
        self.parts -= 1
        return self.admit_part(depth)

    def admit_bytes(self, count: int) -> bool:
        """Count bytes that are about to be decoded; return False, and add a problem, above the limit."""
        if self.decoded_bytes + count > self.limits.max_decoded_bytes:
            self.add_problem(
                "The mail's content is larger than what is read of one mail; some parts were left out."
            )
            return False
        self.decoded_bytes += count
        return True
