"""Tells the user of the runner that it is short of instances, and what helps."""

from collections.abc import Callable

from local.clock import Clock

_SILENCE_S = 60.0


class Shortage:
    """Counts the instances that had to give way to other functions, and says so at most once a minute."""

    def __init__(
        self, clock: Clock, *, say: Callable[[str], None] = lambda line: print(line, flush=True)
    ) -> None:
        self.evictions = 0
        self._clock = clock
        self._say = say
        self._said_at: float | None = None

    def note_eviction(self) -> None:
        """Count an idle instance that ended because another function needed its place."""
        self.evictions += 1

    def tell(self, *, limit: int, allowed: int) -> None:
        """Say that a call waits because `limit` instances live; `allowed` is what the command line allows."""
        now = self._clock.monotonic()
        if self._said_at is not None and now - self._said_at < _SILENCE_S:
            return
        self._said_at = now
        cause = (
            f"--instances allows {allowed}: allow more"
            if limit >= allowed
            else f"memory holds {limit}: close other programs, or use a machine with more memory"
        )
        self._say(
            f"local runner: calls wait for instances of functions; {cause}"
            f" ({self.evictions} instances had to end for others so far)"
        )
