"""Parses the many formats in which Exotel writes a time (reference/exotel.md, 1.2, 2.3, 5.1)."""

import re
from datetime import UTC, datetime, timedelta, timezone

_IST = timezone(timedelta(hours=5, minutes=30))  # India has had no other offset since 1945
_EPOCH_SECONDS = re.compile(r"[0-9]{9,13}")


def parse_time(value: object) -> datetime | None:
    """Return the time in UTC, or None for what is unreadable or in 1970 or before; without a zone it is Indian time.

    Exotel writes the epoch for "not yet" (reference/exotel.md, 12, quirk 3).
    """
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    try:
        instant = _read(text)
    except (ValueError, OverflowError):
        return None
    return None if instant is None or instant.year <= 1970 else instant


def _read(text: str) -> datetime | None:
    if _EPOCH_SECONDS.fullmatch(text):
        seconds = int(text) / (1000 if len(text) > 11 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    if not text:
        return None
    if "," in text:
        from email.utils import parsedate_to_datetime

        written = parsedate_to_datetime(text)
    else:
        written = datetime.fromisoformat(text)
    return (written if written.tzinfo else written.replace(tzinfo=_IST)).astimezone(UTC)
