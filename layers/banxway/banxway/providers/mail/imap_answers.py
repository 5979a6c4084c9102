"""Reads what imaplib collected: FETCH, LIST and STATUS answers, in any order a server likes (RFC 3501, 7)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

from banxway.models.mail import FetchedMail

_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b", re.IGNORECASE)
_BODY_LITERAL = re.compile(rb"\bBODY\[\] ~?\{\d+\}$", re.IGNORECASE)
_BODY_QUOTED = re.compile(rb'\bBODY\[\] "((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_INTERNAL_DATE = re.compile(
    rb'\bINTERNALDATE " ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.IGNORECASE
)
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_NOT_SELECTABLE = re.compile(rb"\\(noselect|nonexistent)\b", re.IGNORECASE)


def read_sizes(entries: Iterable[object]) -> Iterator[tuple[int, int]]:
    """Yield (UID, size) of every answer that states both."""
    for text, _ in _answers(entries):
        uid, size = _UID.search(text), _SIZE.search(text)
        if uid and size:
            yield int(uid[1]), int(size[1])


def read_mails(entries: Iterable[object]) -> Iterator[FetchedMail]:
    """Yield every answer that holds a UID and a body; flags that a server volunteers are skipped."""
    seen: set[int] = set()
    for text, body in _answers(entries):
        uid = _UID.search(text)
        if uid is None or body is None or int(uid[1]) in seen:
            continue
        seen.add(int(uid[1]))
        yield FetchedMail(uid=int(uid[1]), raw=body, internal_date=_internal_date(text))


def _answers(entries: Iterable[object]) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield (text without literals, body) per message.

    imaplib gives an answer with literals as tuples (text up to the literal, literal), then the rest.
    """
    pieces: list[bytes] = []
    body: bytes | None = None
    for entry in entries:
        if isinstance(entry, tuple):
            pieces.append(entry[0])
            if body is None and _BODY_LITERAL.search(entry[0]):
                body = entry[1]
            continue
        if not isinstance(entry, bytes):
            continue
        text = b" ".join([*pieces, entry])
        inline = _BODY_QUOTED.search(text) if body is None else None
        if inline:
            body = re.sub(rb"\\(.)", rb"\1", inline[1])
            text = text.replace(inline[0], b"")
        yield text, body
        pieces, body = [], None


def _internal_date(text: bytes) -> datetime | None:
    found = _INTERNAL_DATE.search(text)
    if found is None or found[2].lower() not in _MONTHS:
        return None
    day, _, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = timezone(-offset if sign == b"-" else offset)
        month = _MONTHS.index(found[2].lower()) + 1
        written = datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=zone)
        return written.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def selectable_folders(listed: Sequence[object]) -> int:
    """Count the folders of a LIST answer that can be opened."""
    heads = [entry[0] if isinstance(entry, tuple) else entry for entry in listed]
    return sum(1 for head in heads if isinstance(head, bytes) and _is_selectable(head))


def _is_selectable(head: bytes) -> bool:
    return head.startswith(b"(") and not _NOT_SELECTABLE.search(head.partition(b")")[0])


def read_number(answer: Sequence[object]) -> int | None:
    """Return the last number that an answer states, None where it states none."""
    texts = [entry for entry in answer if isinstance(entry, bytes)]
    found = re.search(rb"(\d{1,10})\W*$", texts[-1]) if texts else None
    return int(found[1]) if found else None
