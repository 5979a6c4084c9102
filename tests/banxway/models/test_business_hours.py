"""Business hours at this moment: whether they are open, and when that ends."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from banxway.models.auto_replies.business_hours import BusinessHours

OFFICE = {"start": "09:00", "end": "18:00"}
WEEK = {
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE),
    "saturday": {"start": "10:00", "end": "14:00"},
    "sunday": {"closed": True},
}


@pytest.mark.parametrize(
    ("at", "is_open", "until"),
    [
        ("2026-01-26T09:00", True, "2026-01-26T18:00"),
        ("2026-01-26T17:59:59", True, "2026-01-26T18:00"),
        ("2026-01-26T18:00", False, "2026-01-27T09:00"),
        ("2026-01-26T08:59", False, "2026-01-26T09:00"),
        ("2026-01-30T20:00", False, "2026-01-31T10:00"),
        ("2026-01-31T14:00", False, "2026-02-02T09:00"),
        ("2026-02-01T12:00", False, "2026-02-02T09:00"),
    ],
    ids=[
        "opens", "last second", "closes", "before opening", "Friday night", "Saturday", "Sunday",
    ],
)  # fmt: skip
def test_hours_say_until_when_they_are_open_or_closed(at, is_open, until):
    zone = ZoneInfo("Asia/Kolkata")

    now = BusinessHours(timezone=zone.key, **WEEK).now(datetime.fromisoformat(at).replace(tzinfo=zone))

    assert (now.is_open, now.zone) == (is_open, "IST")
    assert now.until == datetime.fromisoformat(until).replace(tzinfo=zone)


def test_a_day_a_week_is_closed_until_the_same_day_of_the_next_week():
    zone = ZoneInfo("Asia/Kolkata")

    now = BusinessHours(monday=OFFICE).now(datetime(2026, 1, 26, 18, 0, tzinfo=zone))

    assert now.until == datetime(2026, 2, 2, 9, 0, tzinfo=zone)


def test_the_next_opening_is_local_time_also_after_the_clocks_change():
    """In Berlin the night from 28 to 29 March 2026 has an hour less."""
    zone = ZoneInfo("Europe/Berlin")

    now = BusinessHours(timezone=zone.key, sunday=OFFICE).now(datetime(2026, 3, 28, 12, 0, tzinfo=zone))

    assert now.until is not None
    assert (now.until.hour, now.until.utcoffset()) == (9, timedelta(hours=2))


@pytest.mark.parametrize(
    ("values", "is_open"), [({"enabled": False}, True), ({}, False)], ids=["switched off", "no weekday"]
)
def test_hours_that_never_change_have_no_end(values, is_open):
    now = BusinessHours(**values).now(datetime(2026, 1, 26, 12, 0, tzinfo=ZoneInfo("Asia/Kolkata")))

    assert (now.is_open, now.until) == (is_open, None)
