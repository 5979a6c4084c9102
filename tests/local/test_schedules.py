"""Schedule expressions are read as EventBridge Scheduler reads them."""

from datetime import UTC, datetime

import pytest

from local.schedules import read_schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "now", "due"),
    [
        ("rate(1 minute)", "2026-11-22T09:00:30", "2026-11-22T09:01:30"),
        ("rate(5 minutes)", "2026-11-22T09:00:30", "2026-11-22T09:05:30"),
        ("rate(1 hour)", "2026-11-22T09:00:30", "2026-11-22T10:00:30"),
        ("cron(* * * * ? *)", "2026-11-22T09:00:30", "2026-11-22T09:01:00"),
        ("cron(0/15 * * * ? *)", "2026-11-22T09:46:00", "2026-11-22T10:00:00"),
        ("cron(30 2 * * ? *)", "2026-11-22T09:00:00", "2026-11-23T02:30:00"),
        ("cron(0 8 1,15 * ? *)", "2026-11-22T09:00:00", "2026-12-01T08:00:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-22T09:00:00", "2026-11-23T08:00:00"),
        ("cron(0 8 ? JAN * 2027)", "2026-11-22T09:00:00", "2027-01-01T08:00:00"),
    ],
)
def test_a_schedule_is_due_when_aws_says(expression, now, due):
    assert read_schedule(expression)(at(now), False) == at(due)


def test_a_rate_fires_soon_after_the_start():
    now = at("2026-11-22T09:00:30")

    assert (read_schedule("rate(1 hour)")(now, True) - now).total_seconds() <= 1


@pytest.mark.parametrize(
    "expression", ["every minute", "rate(1 fortnight)", "cron(* * * *)", "cron(61 * * * ? *)"]
)
def test_what_cannot_be_read_is_refused(expression):
    with pytest.raises(ValueError, match=r"schedule|within"):
        read_schedule(expression)
