"""How much of one mail is read before what was read so far is shown as it is.

A mail is made by strangers. Each bound here turns an attack into a visible mail with a sentence in
`problems` (reference/threats-and-faults.md, threat 31); none of them ever hides a mail.
"""

from dataclasses import dataclass, field

from banxway.clock import Clock


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Bounds for one mail, its embedded mails included. Sizes in bytes unless the name says otherwise."""

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
    """What is left of the limits while one mail is read, and what had to be said about it."""

    limits: ParseLimits
    clock: Clock
    problems: list[str] = field(default_factory=list)
    parts: int = 0
    decoded_bytes: int = 0
    deadline: float = 0.0

    def __post_init__(self) -> None:
        """Start the time."""
        self.deadline = self.clock.monotonic() + self.limits.max_seconds

    def note(self, problem: str) -> None:
        """Add a sentence about this mail, once, and not more than fifty of them."""
        if problem and problem not in self.problems and len(self.problems) < 50:
            self.problems.append(problem)

    def takes_part(self, depth: int) -> bool:
        """Count one more part; False (and a problem) when it is one too many, too deep, or too late."""
        if depth > self.limits.max_depth:
            self.note(f"Parts nested deeper than {self.limits.max_depth} were left unread.")
            return False
        if self.parts >= self.limits.max_parts:
            self.note(f"The mail has more than {self.limits.max_parts} parts; the rest was left unread.")
            return False
        if self.clock.monotonic() > self.deadline:
            self.note(f"Reading stopped after {self.limits.max_seconds:g} seconds; the rest was left unread.")
            return False
        self.parts += 1
        return True

    def admits_depth(self, depth: int) -> bool:
        """Say whether an embedded mail may be opened; one part was counted for it already."""
        self.parts -= 1
        return self.takes_part(depth)

    def takes_bytes(self, count: int) -> bool:
        """Count content about to be decoded; False (and a problem) when the sum would exceed the limit."""
        if self.decoded_bytes + count > self.limits.max_decoded_bytes:
            self.note("The mail's content is larger than what is read of one mail; some parts were left out.")
            return False
        self.decoded_bytes += count
        return True
