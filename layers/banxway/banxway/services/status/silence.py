"""Judges whether a silence is unusually long, as a pure function of the history of arrivals.

Silence alone does not show whether nobody wrote or nothing gets through. What can be computed is how unlikely it is:

    rhythm      how often something arrived in each hour of the week, and on each day of the week, over eight weeks:
                nights, weekends and closed days count little, and hours in which something always arrives count much
    surprise    the negative logarithm of the probability that every hour of a silence was empty by chance (by hours
                for what arrives often, by days for what arrives once a day)
    experience  the greatest surprise of any earlier silence: it includes holidays and slow weeks

A silence is reported if it is less likely than 1 in 1,000 and its surprise is half as much again as any before. With
less than two weeks or twelve hours of arrivals nothing is known, and nothing is reported.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

LEARNT_DAYS = 56
_LEAST_DAYS = 14
_LEAST_ARRIVALS = 12
_LEAST_SURPRISE = math.log(1000)
_BEYOND_EXPERIENCE = 1.5
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """An unlikely silence: since when it lasts, and how many weeks of history it was judged by."""

    since: datetime
    weeks: int


def judge(hours: Iterable[datetime], *, proven_at: datetime, now: datetime) -> Silence | None:
    """Return the present silence if its own history makes it unlikely, else None.

    `hours` are those in which something arrived, each by its beginning, in UTC; `proven_at` is when something last
    arrived, which may be a test mail of ours.
    """
    # Counted back from the last proof, not from now: a silence that lasts does not become usual.
    learnt = sorted({each for each in hours if proven_at - timedelta(days=LEARNT_DAYS) <= each <= proven_at})
    if len(learnt) < _LEAST_ARRIVALS or learnt[-1] - learnt[0] < timedelta(days=_LEAST_DAYS):
        return None
    by_hours = _Rhythm(learnt, step=_HOUR, slot_of=lambda at: at.weekday() * 24 + at.hour)
    days = sorted({_midnight(each) for each in learnt})
    by_days = _Rhythm(days, step=_DAY, slot_of=lambda at: at.weekday())
    is_unlikely = by_hours.is_unlikely(_hour_of(proven_at), _hour_of(now)) or by_days.is_unlikely(
        _midnight(proven_at), _midnight(now)
    )
    return Silence(proven_at, weeks=(learnt[-1] - learnt[0]).days // 7) if is_unlikely else None


class _Rhythm:
    """How likely it is that something arrives in each step of a week, which is an hour or a day."""

    def __init__(
        self, busy: Sequence[datetime], *, step: timedelta, slot_of: Callable[[datetime], int]
    ) -> None:
        self._step = step
        self._slot_of = slot_of
        seen: dict[int, int] = {}
        brought: dict[int, int] = {}
        at = busy[0]
        while at <= busy[-1]:
            seen[slot_of(at)] = seen.get(slot_of(at), 0) + 1
            at += step
        for at in busy:
            brought[slot_of(at)] = brought.get(slot_of(at), 0) + 1
        # One empty step is added to each slot: even one that was always busy may be empty once.
        self._surprises = {slot: -math.log1p(-brought.get(slot, 0) / (seen[slot] + 1)) for slot in seen}
        self._experience = max((self._surprise(one, other) for one, other in pairwise(busy)), default=0.0)

    def is_unlikely(self, last: datetime, now: datetime) -> bool:
        """Return whether it is unlikely that all whole steps between two instants were empty."""
        surprise = self._surprise(last, now)
        return surprise > _LEAST_SURPRISE and surprise > _BEYOND_EXPERIENCE * self._experience

    def _surprise(self, last: datetime, now: datetime) -> float:
        total, at = 0.0, last + self._step
        while at < now:
            total += self._surprises.get(self._slot_of(at), 0.0)
            at += self._step
        return total


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
