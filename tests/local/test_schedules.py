"""Schedule expressions are read as EventBridge Scheduler reads them."""

from datetime import UTC, datetime

import pytest

from local.schedules import Cron, Rate, read_schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "now", "due"),
    [
        ("cron(* * * * ? *)", "2026-11-22T09:00:30", "2026-11-22T09:01:00"),
        ("cron(0/15 * * * ? *)", "2026-11-22T09:46:00", "2026-11-22T10:00:00"),
        ("cron(30 2 * * ? *)", "2026-11-22T09:00:00", "2026-11-23T02:30:00"),
        ("cron(0 8 1,15 * ? *)", "2026-11-22T09:00:00", "2026-12-01T08:00:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-22T09:00:00", "2026-11-23T08:00:00"),
        ("cron(0 8 ? JAN * 2027)", "2026-11-22T09:00:00", "2027-01-01T08:00:00"),
    ],
)
def test_a_calendars_schedule_is_due_when_aws_says(expression, now, due):
    schedule = read_schedule(expression)

    assert isinstance(schedule, Cron)
    assert schedule.next_after(at(now)) == at(due)


@pytest.mark.parametrize(
    ("expression", "interval_s"),
    [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 hour)", 3600), ("rate(30 days)", 2_592_000)],
)
def test_a_rate_is_an_interval(expression, interval_s):
    assert read_schedule(expression) == Rate(interval_s)


@pytest.mark.parametrize(
    "expression", ["every minute", "rate(1 fortnight)", "cron(* * * *)", "cron(61 * * * ? *)"]
)
def test_what_cannot_be_read_is_refused(expression):
    with pytest.raises(ValueError, match=r"schedule|within"):
        read_schedule(expression)


def test_a_day_that_never_comes_is_said_to_be_none():
    never = read_schedule("cron(0 0 31 FEB ? *)")

    assert isinstance(never, Cron)
    with pytest.raises(ValueError, match="within a year"):
        never.next_after(at("2026-11-22T09:00:00"))
