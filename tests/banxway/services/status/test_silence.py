"""Silence is judged by its own history alone: rhythm, surprise, experience."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from banxway.services.status.silence import judge
from tests.support.gates.chance import dice

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
Rhythm = Callable[[datetime], bool]


def in_office_hours(at: datetime) -> bool:
    return at.weekday() < 5 and 9 <= at.hour < 18


def once_a_working_day(at: datetime) -> bool:
    return at.weekday() < 5 and at.hour == 10


def every_hour(at: datetime) -> bool:
    return True


def on_mondays(at: datetime) -> bool:
    return at.weekday() == 0 and at.hour == 10


def history(
    rhythm: Rhythm, *, weeks: int = 8, closed: Iterator[datetime] | tuple[datetime, ...] = ()
) -> list[datetime]:
    """Return the hours in which something arrived over `weeks`; nothing arrives on a closed day."""
    hours = [MONDAY + HOUR * number for number in range(weeks * 7 * 24)]
    shut = set(closed)
    return [at for at in hours if rhythm(at) and at.replace(hour=0) not in shut]


def first_reported(hours: list[datetime], *, within: timedelta = 8 * WEEK) -> timedelta | None:
    """Return how long after the last arrival a silence is reported, asked every hour; None if never."""
    last = hours[-1]
    for number in range(1, int(within / HOUR)):
        if judge(hours, proven_at=last, now=last + number * HOUR) is not None:
            return number * HOUR
    return None


# Rhythm.


def test_nights_and_weekends_of_an_office_say_nothing() -> None:
    hours = history(in_office_hours)
    friday_evening = hours[-1]

    for number in range(1, 24 * 3 - 8):
        now = friday_evening + number * HOUR
        assert judge(hours, proven_at=friday_evening, now=now) is None, now


def test_an_office_that_is_silent_for_a_morning_is_reported() -> None:
    hours = history(in_office_hours)

    reported = hours[-1] + (first_reported(hours) or WEEK)

    assert reported.weekday() == 0
    assert 10 <= reported.hour <= 14


def test_what_comes_every_hour_is_missed_within_half_a_day() -> None:
    assert HOUR < (first_reported(history(every_hour)) or WEEK) <= 12 * HOUR


def test_what_comes_once_a_working_day_is_missed_within_a_week() -> None:
    reported = first_reported(history(once_a_working_day)) or 2 * WEEK

    assert 3 * DAY < reported <= WEEK + DAY


def test_what_comes_once_a_week_is_missed_after_weeks_and_not_before() -> None:
    reported = first_reported([*history(on_mondays, weeks=8)], within=12 * WEEK)

    # Eight arrivals are too few to know anything by.
    assert reported is None


# Too little is known.


@pytest.mark.parametrize("hours", [[], [MONDAY], history(every_hour, weeks=1), history(on_mondays, weeks=8)])
def test_nothing_is_said_without_two_weeks_and_a_dozen_arrivals(hours: list[datetime]) -> None:
    last = hours[-1] if hours else MONDAY

    assert judge(hours, proven_at=last, now=last + 8 * WEEK) is None


def test_two_weeks_make_less_sure_than_eight() -> None:
    short, long = [*history(every_hour, weeks=2), MONDAY + 2 * WEEK], history(every_hour, weeks=8)

    assert (first_reported(short) or WEEK) > (first_reported(long) or WEEK)


# Experience.


def test_a_closed_day_that_there_was_before_is_nothing_new() -> None:
    closed = (MONDAY + 3 * WEEK,)
    hours = history(in_office_hours, closed=closed)
    last = hours[-1]
    next_monday = last.replace(hour=0) + 3 * DAY

    assert judge(hours, proven_at=last, now=next_monday + 23 * HOUR) is None
    assert judge(hours, proven_at=last, now=next_monday + 2 * DAY) is not None


def test_a_silence_that_lasts_does_not_become_usual() -> None:
    hours = history(every_hour)

    for weeks in (1, 8, 30):
        assert judge(hours, proven_at=hours[-1], now=hours[-1] + weeks * WEEK) is not None


def test_what_is_older_than_eight_weeks_counts_for_nothing() -> None:
    busy_once = history(every_hour, weeks=8)
    hardly_since = [busy_once[-1] + 8 * WEEK + number * 4 * DAY for number in range(14)]
    last = hardly_since[-1]

    assert judge(busy_once + hardly_since, proven_at=last, now=last + 5 * DAY) is None


# Proofs.


def test_a_proof_other_than_an_arrival_ends_a_silence() -> None:
    hours = history(every_hour)
    now = hours[-1] + 5 * DAY

    assert judge(hours, proven_at=hours[-1], now=now) is not None
    assert judge(hours, proven_at=now - HOUR, now=now) is None


def test_what_is_reported_says_since_when_and_by_how_many_weeks_it_was_judged() -> None:
    hours = history(every_hour)

    found = judge(hours, proven_at=hours[-1] + timedelta(minutes=7), now=hours[-1] + 2 * DAY)

    assert found is not None
    assert (found.since, found.weeks) == (hours[-1] + timedelta(minutes=7), 7)


def test_the_order_and_number_of_arrivals_in_an_hour_change_nothing() -> None:
    hours = history(in_office_hours)
    last, now = hours[-1], hours[-1] + 4 * DAY
    shuffled = [*hours, *hours]
    random.Random(3).shuffle(shuffled)

    assert judge(shuffled, proven_at=last, now=now) == judge(hours, proven_at=last, now=now)


# Chance.


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7])
def test_chance_alone_is_seldom_reported(share: float) -> None:
    """Half a year of an office, in which each hour brings something or nothing by chance."""
    chance = dice(11)
    hours = [
        MONDAY + HOUR * number
        for number in range(26 * 7 * 24)
        if in_office_hours(MONDAY + HOUR * number) and chance.random() < share
    ]
    reported = 0
    for last, following in itertools.pairwise(hours):
        if last - hours[0] >= 8 * WEEK and following - last > 8 * HOUR:
            known = [at for at in hours if last - 8 * WEEK <= at <= last]
            reported += judge(known, proven_at=last, now=following) is not None

    assert reported <= 2
