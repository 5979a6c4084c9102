"""The time of day, handed in so that tests and simulations can replace it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current instant, always with UTC as its zone."""


def utc_now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)


def iso(instant: datetime) -> str:
    """Write an instant as ISO 8601 in UTC with a `Z`, to the second, as the guide's answers do."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")[:-6] + "Z"
