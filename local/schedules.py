"""Reads schedule expressions: `rate(5 minutes)` and `cron(0/15 * * * ? *)`, in UTC."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass(frozen=True)
class Rate:
    """Fires soon after the start, then after each interval, whatever the time of day."""

    interval_s: float


@dataclass(frozen=True)
class Cron:
    """Fires at minutes of the calendar."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 1 is Sunday
    years: frozenset[int]

    def next_after(self, now: datetime) -> datetime:
        """Return the first minute after an instant at which it fires. Raises ValueError if none is within a year."""
        instant = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for _ in range(366 * 24 * 60):
            if self._fires_at(instant):
                return instant
            instant += timedelta(minutes=1)
        raise ValueError("the schedule is not due within a year")

    def _fires_at(self, instant: datetime) -> bool:
        return (
            instant.minute in self.minutes
            and instant.hour in self.hours
            and instant.day in self.days
            and instant.month in self.months
            and instant.isoweekday() % 7 + 1 in self.weekdays
            and instant.year in self.years
        )


def read_schedule(expression: str) -> Rate | Cron:
    """Return when a schedule fires. Raises ValueError for an expression that it cannot read."""
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if rate:
        return Rate(int(rate[1]) * _UNITS[rate[2]])
    cron = re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression)
    if cron:
        return _cron(*cron.groups())
    raise ValueError(f"unknown schedule: {expression}")


def _cron(minutes: str, hours: str, days: str, months: str, weekdays: str, years: str) -> Cron:
    return Cron(
        minutes=_numbers(minutes, 0, 59),
        hours=_numbers(hours, 0, 23),
        days=_numbers(days, 1, 31),
        months=_numbers(_named(months, _MONTHS), 1, 12),
        weekdays=_numbers(_named(weekdays, _DAYS), 1, 7),
        years=_numbers(years, 1970, 2199),
    )


def _named(text: str, names: list[str]) -> str:
    for number, name in enumerate(names, start=1):
        text = text.replace(name, str(number))
    return text


def _numbers(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            first, last = (int(each) for each in span.split("-"))
        else:
            first, last = int(span), high if step else int(span)
        if not low <= first <= last <= high:
            raise ValueError(f"{part} is not within {low} to {high}")
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)
