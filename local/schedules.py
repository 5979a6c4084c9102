"""Reads schedule expressions: `rate(5 minutes)` and `cron(0/15 * * * ? *)`, in UTC."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

Next = Callable[[datetime, bool], datetime]
"""Given an instant (and whether it is the first), returns when a schedule is due next."""

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_SOON = timedelta(seconds=1)


def read_schedule(expression: str) -> Next:
    """Return when a schedule fires. Raises ValueError for what it cannot read."""
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if rate:
        interval = timedelta(seconds=int(rate[1]) * _UNITS[rate[2]])
        return lambda now, first: now + (_SOON if first else interval)
    cron = re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression)
    if cron:
        return _cron(*cron.groups())
    raise ValueError(f"unknown schedule: {expression}")


def _cron(minutes: str, hours: str, days: str, months: str, weekdays: str, years: str) -> Next:
    due_minutes = _numbers(minutes, 0, 59)
    due_hours = _numbers(hours, 0, 23)
    due_days = _numbers(days, 1, 31)
    due_months = _numbers(_named(months, _MONTHS), 1, 12)
    due_weekdays = _numbers(_named(weekdays, _DAYS), 1, 7)  # 1 is Sunday
    due_years = _numbers(years, 1970, 2199)

    def is_due(instant: datetime) -> bool:
        return (
            instant.minute in due_minutes
            and instant.hour in due_hours
            and instant.day in due_days
            and instant.month in due_months
            and instant.isoweekday() % 7 + 1 in due_weekdays
            and instant.year in due_years
        )

    def due_next(now: datetime, _first: bool) -> datetime:
        instant = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for _ in range(366 * 24 * 60):
            if is_due(instant):
                return instant
            instant += timedelta(minutes=1)
        raise ValueError("the schedule is not due within a year")

    return due_next


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
