"""Warns the runner's user that it is short of instances, and says what helps."""

from collections.abc import Callable

from local.clock import Clock

_SILENCE_S = 60.0


class Shortage:
    """Counts the instances that were ended for other functions, and warns at most once a minute."""

    def __init__(
        self, clock: Clock, *, say: Callable[[str], None] = lambda line: print(line, flush=True)
    ) -> None:
        self.evictions = 0
        self._clock = clock
        self._say = say
        self._said_at: float | None = None

    def count_eviction(self) -> None:
        """Count an idle instance that was ended for another function."""
        self.evictions += 1

    def warn(self, *, limit: int, allowed: int) -> None:
        """Warn that a call waits because `limit` instances live; `allowed` is the command line's limit."""
        now = self._clock.monotonic()
        if self._said_at is not None and now - self._said_at < _SILENCE_S:
            return
        self._said_at = now
        cause = (
            f"--instances allows {allowed}: allow more"
            if limit >= allowed
            else f"memory is enough for only {limit}: close other programs, or use a machine with more memory"
        )
        self._say(
            f"local runner: calls wait for instances of functions; {cause}"
            f" ({self.evictions} instances were ended for others so far)"
        )
