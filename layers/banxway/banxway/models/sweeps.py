"""What the sweeper found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found."""

    reenqueued: int
    unknown: int
    organizations_told: int
