"""What the maintenance timers found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found."""

    reenqueued: int
    unknown: int
    organizations_told: int
    trails_anchored: int
    rotations_woken: int
    uploads_forgotten: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What one daily review found: organizations looked at, notifications opened and closed."""

    organizations: int
    opened: int
    closed: int
