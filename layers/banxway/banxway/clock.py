"""The machine's clock, injected so that tests and simulations can replace it.

Nothing else in the layer reads the time or sleeps; `tests/project` enforces that.
"""

import time
from datetime import UTC, datetime


class Clock:
    """Returns the time of day, measures durations, and sleeps."""

    def now(self) -> datetime:
        """Return the current instant, always in UTC. An operator or NTP may set it forward or back."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary instant. Only differences have a meaning; they are never negative."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Pause this thread."""
        time.sleep(seconds)


SYSTEM_CLOCK = Clock()


def iso(instant: datetime) -> str:
    """Return an instant as ISO 8601 in UTC with a `Z`, to the second, as in the guide's answers."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")[:-6] + "Z"
