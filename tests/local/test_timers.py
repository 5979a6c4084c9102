"""Timers start functions at their intervals, and try again what failed; by a clock that the tests move."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.runtime.invocation import Invocation
from local.template import Function, Schedule
from local.timers import Timers
from tests.support.timing.hand_clock import HandClock

HALF_PAST_NINE = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class RecordingPool:
    """Stands where functions would be invoked: records when, by the monotonic clock, and fails as often as asked."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.invoked: list[float] = []
        self.events: list[Any] = []
        self.failures = 0

    async def invoke(self, _name: str, event: Any, *, background: bool = False) -> Invocation:
        self.invoked.append(self._clock.monotonic())
        self.events.append(event)
        if self.failures:
            self.failures -= 1
            return Invocation(error={"errorType": "ValueError"})
        return Invocation(result={"background": background})


Scenario = Callable[[HandClock, RecordingPool], Awaitable[None]]


def play(scenario: Scenario, *, expression: str = "rate(1 minute)", retries: int = 2) -> RecordingPool:
    """Let timers of one function run while a scenario goes on."""
    clock = HandClock(HALF_PAST_NINE)
    pool: Any = RecordingPool(clock)
    function = Function("Tick", Path(), "app.handler", 10, 128, {}, (), False, retries)
    timers = Timers([Schedule("Tick", "Tick", expression, None)], {"Tick": function}, pool, clock=clock)

    async def run() -> None:
        running = asyncio.create_task(timers.run())
        await scenario(clock, pool)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    return pool


def test_a_rate_fires_soon_after_the_start_and_then_after_each_interval():
    async def five_minutes(clock: HandClock, _pool: RecordingPool) -> None:
        await clock.advance(300)

    assert play(five_minutes).invoked == [1, 61, 121, 181, 241]


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forward", "back"])
def test_a_rate_goes_on_as_before_when_the_time_of_day_is_set(by: timedelta):
    async def set_in_between(clock: HandClock, _pool: RecordingPool) -> None:
        await clock.advance(90)
        clock.set(by)
        await clock.advance(120)

    assert play(set_in_between).invoked == [1, 61, 121, 181]


def test_a_calendars_schedule_fires_at_its_minutes():
    async def an_hour(clock: HandClock, _pool: RecordingPool) -> None:
        await clock.advance(3600)

    assert play(an_hour, expression="cron(0/20 * * * ? *)").invoked == [600, 1800, 3000]


def test_a_calendars_schedule_follows_the_time_of_day_that_was_set():
    """Set from 09:35 to 10:35: what was due at 10:00 comes within a minute, once, and then the next at 11:00."""

    async def set_forward(clock: HandClock, _pool: RecordingPool) -> None:
        await clock.advance(300)
        clock.set(HOUR)
        await clock.advance(1800)

    assert play(set_forward, expression="cron(0 * * * ? *)").invoked == [360, 1800]


def test_what_fails_is_tried_again_after_one_minute_and_after_two():
    async def ten_minutes(clock: HandClock, pool: RecordingPool) -> None:
        pool.failures = 99
        await clock.advance(600)

    assert play(ten_minutes, expression="rate(1 day)").invoked == [1, 61, 181]


def test_what_succeeds_at_last_is_not_tried_again():
    async def ten_minutes(clock: HandClock, pool: RecordingPool) -> None:
        pool.failures = 1
        await clock.advance(600)

    assert play(ten_minutes, expression="rate(1 day)").invoked == [1, 61]


def test_a_function_without_retries_is_tried_once():
    async def ten_minutes(clock: HandClock, pool: RecordingPool) -> None:
        pool.failures = 99
        await clock.advance(600)

    assert play(ten_minutes, expression="rate(1 day)", retries=0).invoked == [1]


def test_the_event_names_its_moment():
    async def a_second(clock: HandClock, _pool: RecordingPool) -> None:
        await clock.advance(1)

    (event,) = play(a_second).events
    assert event["time"] == "2026-01-15T09:30:01Z"
