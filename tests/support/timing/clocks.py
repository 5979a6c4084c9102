"""Clocks that only a test moves, so that no outcome depends on how fast the machine is.

SetClock      stands still until `advance`; sleeping advances it at once
TickingClock  lets a given time pass at each look
WrongClock    runs as the machine's does, set forward or back by a fixed amount
SleeplessClock   tells the machine's time of day; only sleeping moves its stopwatch, and takes no time
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from banxway.clock import Clock

_MOMENT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


class SetClock(Clock):
    """Tells the same instant until `advance`. Sleeping advances it at once and then calls `on_sleep`."""

    def __init__(
        self,
        now: datetime = _MOMENT,
        *,
        on_sleep: Callable[[], object] = lambda: None,
    ) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._on_sleep = on_sleep
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds=seconds)
        self._on_sleep()

    def advance(self, **by: float) -> None:
        """Let time pass. The stopwatch never goes back, whatever the time of day does."""
        passed = timedelta(**by)
        self._now += passed
        self._monotonic += max(0.0, passed.total_seconds())

    def set(self, now: datetime) -> None:
        """Set the time of day, as an operator or NTP does; the stopwatch does not notice."""
        self._now = now


class WrongClock(Clock):
    """The machine's clock, set forward (or back) by a fixed amount; its stopwatch is right."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by


class TickingClock(SetClock):
    """Lets the given number of seconds pass each time it is asked for a duration; the last one repeats."""

    def __init__(self, *steps_s: float, now: datetime = _MOMENT) -> None:
        super().__init__(now)
        self._steps_s: Iterator[float] = itertools.chain(steps_s, itertools.repeat(steps_s[-1]))

    def monotonic(self) -> float:
        moment = super().monotonic()
        self.advance(seconds=next(self._steps_s))
        return moment


class SleeplessClock(Clock):
    """Tells the machine's time of day. Its stopwatch moves by sleeping only, which takes no time.

    For a process that waits while another works in `on_sleep`: however long that takes, the wait lasts as long.
    """

    def __init__(self, on_sleep: Callable[[], object] = lambda: None) -> None:
        self._on_sleep = on_sleep
        self._monotonic = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._monotonic += seconds
        self._on_sleep()
