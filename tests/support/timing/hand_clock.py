"""The local runner's clock, moved by hand."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

from local.clock import Clock

_MOMENT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


class HandClock(Clock):
    """Stands still until `advance`; each sleeper wakes at its moment, in turn, and works before the next wakes."""

    def __init__(self, now: datetime = _MOMENT) -> None:
        self._now = now
        self._monotonic = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._numbers), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass for everybody who sleeps by this clock."""
        end = self._monotonic + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            moment, _, woken = heapq.heappop(self._sleepers)
            self._pass(moment - self._monotonic)
            if not woken.done():
                woken.set_result(None)
            await settle()
        self._pass(end - self._monotonic)

    def set(self, by: timedelta) -> None:
        """Set the time of day forward or back, as an operator or NTP does; the stopwatch does not notice."""
        self._now += by

    def _pass(self, seconds: float) -> None:
        self._monotonic += seconds
        self._now += timedelta(seconds=seconds)


async def settle() -> None:
    """Let every task of this loop go on until it waits for something else."""
    for _ in range(20):
        await asyncio.sleep(0)
