"""Parses FETCH, SEARCH, EXAMINE and IDLE answers, whose items may come in any order.

RFC 3501, section 7; ESEARCH is RFC 4731, MODSEQ is RFC 7162.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone

from banxway.models.mail import FetchedMail, MailFlags
from banxway.providers.mail.imap.wire import Answer, Token, read_uid_set

_MONTHS = {
    name: number + 1
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
    )
}
_INTERNAL_DATE = re.compile(rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_CODE = re.compile(rb"OK \[([A-Z]+)(?: (\d{1,20}))?", re.IGNORECASE)
_COUNT = re.compile(rb"(\d{1,10}) EXISTS\Z", re.IGNORECASE)
_NEWS = re.compile(rb"\d{1,10} (EXISTS|EXPUNGE|FETCH)\b|VANISHED ", re.IGNORECASE)
_FETCH = re.compile(rb"\d{1,10} FETCH ", re.IGNORECASE)
_ID_FIELD = re.compile(rb"^message-id[ \t]*:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)

Items = dict[bytes, Token]
"""One message's FETCH items by their upper-case names, such as UID or BODY[]."""


def fetched_items(answers: Iterable[Answer]) -> Iterator[tuple[int, Items]]:
    """Yield (UID, items) of each FETCH answer that states its UID, also of those that were not requested."""
    for answer in answers:
        if not _FETCH.match(answer.head):
            continue
        tokens = answer.tokens()
        listed = tokens[2] if len(tokens) > 2 else None
        if not isinstance(listed, list):
            continue
        items = {
            name.upper(): value
            for name, value in zip(listed[::2], listed[1::2], strict=False)
            if isinstance(name, bytes)
        }
        uid = _number(items.get(b"UID"))
        if uid:
            yield uid, items


def read_mails(answers: Iterable[Answer]) -> Iterator[FetchedMail]:
    """Yield each mail whose answer has a body, as soon as that answer is read."""
    for uid, items in fetched_items(answers):
        body = items.get(b"BODY[]")
        if isinstance(body, bytes):
            yield FetchedMail(uid, body, _internal_date(items.get(b"INTERNALDATE")), _flags(items))


def read_sizes(answers: Iterable[Answer]) -> Iterator[tuple[int, int]]:
    """Yield (UID, size) of every answer that states both."""
    for uid, items in fetched_items(answers):
        size = _number(items.get(b"RFC822.SIZE"))
        if size is not None:
            yield uid, size


def read_flags(answers: Iterable[Answer]) -> Iterator[MailFlags]:
    """Yield the flags of every answer that states them."""
    for uid, items in fetched_items(answers):
        if b"FLAGS" in items:
            yield MailFlags(uid, _flags(items))


def read_message_ids(answers: Iterable[Answer]) -> Iterator[tuple[int, str | None]]:
    """Yield (UID, Message-ID without brackets) of every answer with a part of a header; None for no Message-ID."""
    for uid, items in fetched_items(answers):
        if any(name.startswith(b"BODY[HEADER") for name in items):
            yield uid, _message_id(items)


def header_of(items: Items) -> bytes | None:
    """Return the header, or the part of it, that an answer contains."""
    found = (value for name, value in items.items() if name.startswith(b"BODY[HEADER"))
    value = next(found, None)
    return value if isinstance(value, bytes) else None


def read_found(answers: Iterable[Answer], *, at_most: int) -> list[int]:
    """Return the numbers of ESEARCH and SEARCH answers, ascending. Raises Unreadable for more than `at_most`."""
    found: set[int] = set()
    for answer in answers:
        words = answer.head.split()
        kind = words[0].upper() if words else b""
        if kind == b"SEARCH":
            numbers = words[1 : words.index(b"(MODSEQ") if b"(MODSEQ" in words else None]
            found.update(int(word) for word in numbers[:at_most] if word.isdigit() and len(word) <= 10)
        elif kind == b"ESEARCH" and b"ALL" in (upper := [word.upper() for word in words[:-1]]):
            found.update(read_uid_set(words[upper.index(b"ALL") + 1], at_most=at_most))
    return sorted(found)


def read_folder_numbers(answers: Iterable[Answer]) -> dict[str, int]:
    """Return what EXAMINE or SELECT states of EXISTS, UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ."""
    stated: dict[str, int] = {}
    for answer in answers:
        if code := _CODE.match(answer.head):
            if code[2]:
                stated[code[1].decode().upper()] = int(code[2])
        elif count := _COUNT.match(answer.head):
            stated["EXISTS"] = int(count[1])
    return stated


def is_news(answer: Answer, *, known_messages: int) -> bool:
    """Return whether an unsolicited answer reports something new; an EXISTS with the known count does not."""
    count = _COUNT.match(answer.head)
    return int(count[1]) != known_messages if count else bool(_NEWS.match(answer.head))


def _number(token: Token) -> int | None:
    return int(token) if isinstance(token, bytes) and token.isdigit() and len(token) <= 12 else None


def _flags(items: Items) -> tuple[str, ...]:
    listed = items.get(b"FLAGS")
    if not isinstance(listed, list):
        return ()
    return tuple(flag.decode("utf-8", "replace") for flag in listed if isinstance(flag, bytes))


def _message_id(items: Items) -> str | None:
    """Return the Message-ID unfolded and without brackets; it is only compared, so it need not be valid."""
    found = _ID_FIELD.search(header_of(items) or b"")
    if found is None:
        return None
    value = b"".join(found[1].split()).decode("ascii", "replace")
    return value.removeprefix("<").removesuffix(">") or None


def _internal_date(token: Token) -> datetime | None:
    found = _INTERNAL_DATE.fullmatch(token) if isinstance(token, bytes) else None
    if found is None or found[2].lower() not in _MONTHS:
        return None
    day, name, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = timezone(-offset if sign == b"-" else offset)
        month = _MONTHS[name.lower()]
        written = datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=zone)
        return written.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
