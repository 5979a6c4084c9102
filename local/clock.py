"""The machine's clock, injected into the runner so that tests can replace it.

Its time of day may be set forward or back at any moment. Durations are therefore measured by the monotonic clock,
and the queues run on `steady_ms`.
"""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Returns the time of day, measures durations, and sleeps."""

    def now(self) -> datetime:
        """Return the current instant in UTC. An operator or NTP may set it forward or back."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary moment. Only differences mean something; they are never negative."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Pause this task."""
        await asyncio.sleep(seconds)


SYSTEM_CLOCK = Clock()

_BEGAN_NS = time.time_ns() - time.monotonic_ns()


def steady_ms() -> int:
    """Return the present time in milliseconds since 1970, counted by the monotonic clock since this process began.

    Setting the machine's clock makes no message visible later or earlier.
    """
    return (_BEGAN_NS + time.monotonic_ns()) // 1_000_000
