"""Starts functions by the clock, as EventBridge Scheduler and Lambda's asynchronous invocation do."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from local.addresses import ACCOUNT, REGION
from local.clock import SYSTEM_CLOCK, Clock
from local.runtime.invocation import Invocation
from local.runtime.pool import Pool
from local.schedules import Cron, read_schedule
from local.template import Function, Schedule

_SOON_S = 1.0
_LONGEST_NAP_S = 60.0
"""How long the time of day is trusted; then it is read again, since somebody may have set it."""


class Timers:
    """All schedules; an invocation that fails is tried again after one minute, then two."""

    def __init__(
        self,
        schedules: Sequence[Schedule],
        functions: Mapping[str, Function],
        pool: Pool,
        *,
        clock: Clock = SYSTEM_CLOCK,
        retry_waits_s: Sequence[float] = (60.0, 120.0),
    ) -> None:
        self._schedules = schedules
        self._functions = functions
        self._pool = pool
        self._clock = clock
        self._retry_waits_s = retry_waits_s
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Fire every schedule when it is due, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for schedule in self._schedules:
                group.create_task(self._repeat(schedule))

    async def run_now(self, function: str) -> Invocation:
        """Run one timer's function at once and return its invocation. Raises KeyError for any other function."""
        schedule = next((each for each in self._schedules if each.function == function), None)
        if schedule is None:
            raise KeyError(function)
        return await self._pool.invoke(function, _event(schedule, self._clock.now()))

    async def _repeat(self, schedule: Schedule) -> None:
        due = read_schedule(schedule.expression)
        wait_s = _SOON_S
        while True:
            if isinstance(due, Cron):
                await self._until(due.next_after(self._clock.now()))
            else:
                await self._clock.sleep(wait_s)
                wait_s = due.interval_s
            task = asyncio.create_task(self._fire(schedule))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _until(self, moment: datetime) -> None:
        while (left_s := (moment - self._clock.now()).total_seconds()) > 0:
            await self._clock.sleep(min(left_s, _LONGEST_NAP_S))

    async def _fire(self, schedule: Schedule) -> None:
        """Run a function as Lambda does asynchronously: errors are retried, as often as the template says."""
        event = _event(schedule, self._clock.now())
        retries = self._functions[schedule.function].async_retries
        for wait_s in (*self._retry_waits_s[:retries], None):
            invocation = await self._pool.invoke(schedule.function, event, background=True)
            if invocation.error is None or wait_s is None:
                return
            await self._clock.sleep(wait_s)


def _event(schedule: Schedule, now: datetime) -> Any:
    """Return a schedule's own input, or what EventBridge Scheduler sends without one."""
    if schedule.input is not None:
        return schedule.input
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{schedule.name}"],
        "detail": "{}",
    }
