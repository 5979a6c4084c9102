"""Dates and times as people type them: only those that PostgreSQL and Python can store."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from banxway.models.audit.audit import AuditFilters
from banxway.models.fields import ClockTime, Instant
from banxway.models.values.quoting import one_of, quoted

instant, clock_time = TypeAdapter(Instant), TypeAdapter(ClockTime)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-01-15T09:30:00Z", datetime(2026, 1, 15, 9, 30, tzinfo=UTC)),
        ("2026-01-15t09:30:00.123456z", datetime(2026, 1, 15, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2026-01-15 09:30:00+05:30", datetime(2026, 1, 15, 4, 0, tzinfo=UTC)),
        ("0002-01-01T00:00:00Z", datetime(2, 1, 1, tzinfo=UTC)),
        ("0001-12-31T23:59:00-00:01", datetime(2, 1, 1, tzinfo=UTC)),
        ("9998-12-31T23:59:59Z", datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_utc(typed, meant):
    assert instant.validate_json(f'"{typed}"', strict=True) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "0001-01-01T00:00:00+23:59",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0002-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-23:59",
        "2026-02-30T00:00:00Z",
        "2026-01-15T25:00:00Z",
        "2026-01-15T09:30:00",
        "2026-01-15",
        "1768469400",
        "5",
        "0" * 100_000,
        "",
        "now",
        "infinity",
        "2026-01-15T09:30:00+05:30:10",
        "2026-01-15T09:30:00+25:00",
        "２０２６-01-15T09:30:00Z",
        "-2026-01-15T09:30:00Z",
        "10000-01-01T00:00:00Z",
    ],
    ids=lambda typed: typed[:40],
)
def test_what_is_no_instant_is_refused(typed):
    with pytest.raises(ValueError, match="must be a date"):
        instant.validate_json(f'"{typed}"', strict=True)


def test_a_filter_may_leave_the_offset_out():
    assert AuditFilters(since="2026-01-15").since == datetime(2026, 1, 15, tzinfo=UTC)
    assert AuditFilters(since="2026-01-15T09:30:00").since == datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    for typed in ("5", "2026-02-30", "2026-01-15T09"):
        with pytest.raises(ValueError, match="must be a date"):
            AuditFilters(since=typed)


def test_a_clock_shows_hours_and_minutes():
    assert clock_time.validate_python("09:00") == "09:00"
    assert clock_time.validate_python("23:59:59") == "23:59:59"
    for typed in ("9:00", "24:00", "09:60", "09", "32400", "09:00Z", "09:00+05:30", "", "09:00\n"):
        with pytest.raises(ValueError, match="must be a time from 00:00 to 23:59"):
            clock_time.validate_python(typed)


def test_what_is_repeated_is_short_and_can_be_shown():
    assert quoted("a" * 100) == "a" * 100
    assert quoted("a" * 101) == "a" * 99 + "…"
    assert quoted("a\n\u202e\ud800\u2028b") == "a\ufffd\ufffd\ufffd\ufffdb"
    assert (one_of(["a"]), one_of(["a", "b"]), one_of(("a", "b", "c"))) == ("a", "a or b", "a, b or c")
