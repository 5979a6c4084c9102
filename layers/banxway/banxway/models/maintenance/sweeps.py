"""The results of the maintenance timers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swept:
    """The counts of one sweep."""

    reenqueued: int
    unknown: int
    queued_again: int
    organizations_notified: int
    trails_anchored: int
    rotations_woken: int
    uploads_forgotten: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The counts of one daily review: organizations reviewed, notifications opened and closed."""

    organizations: int
    opened: int
    closed: int
