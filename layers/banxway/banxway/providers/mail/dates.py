"""Reads a mail's date, however it is written, as an instant in UTC."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_LONGEST = 120


def read_date(value: bytes) -> datetime | None:
    """Return the instant, or None when the text is no date or lies outside the calendar.

    A date without a zone is taken as UTC, as RFC 5322 (4.3) has it for unknown zones.
    """
    text = value[:_LONGEST].decode("latin-1").replace("\x00", "").strip()
    if not text:
        return None
    return _rfc5322(text) or _iso(text)


def read_received_date(received: bytes) -> datetime | None:
    """Return when a relay took the mail: what follows the last semicolon of its Received field."""
    return read_date(received[-_LONGEST:].rpartition(b";")[2])


def _rfc5322(text: str) -> datetime | None:
    try:
        fields = parsedate_tz(text)
        if fields is None:
            return None
        zone = timezone(timedelta(seconds=fields[9] or 0))
        second = min(fields[5], 59)
        return datetime(*fields[:5], second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
