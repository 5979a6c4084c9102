"""Parses a mail's envelope sender, Outlook conversation, mailing list and loop marks, and lists its header fields."""

from banxway.providers.mail.parse.addresses import read_addresses
from banxway.providers.mail.parse.charsets.encoded_words import decode_header
from banxway.providers.mail.parse.headers import USUAL_NAMES
from banxway.providers.mail.parse.part import Part

_MOST_HEADERS = 200
_LONGEST_VALUE = 2000
_MOST_MARKS = 20
_NAMES = {name: name.decode() for name in USUAL_NAMES}
_NULL_PATHS = (b"<>", b'""', b"<<>>", b'<"">')


def all_headers(part: Part, charset: str | None) -> tuple[tuple[str, str], ...]:
    """Return the first 200 fields in their order, names in lower case, values decoded and cut at 2,000 characters."""
    found = []
    for name, value in part.ordered[:_MOST_HEADERS]:
        # Nearly all are plain ASCII, for which this is much faster.
        text = value.decode("ascii") if value.isascii() and b"=?" not in value else ""
        if not text.isprintable() or not 0 < len(text) <= _LONGEST_VALUE:
            text = _decoded(value, charset)
        found.append((_NAMES.get(name) or name.decode("latin-1")[:200], text))
    return tuple(found)


def _decoded(value: bytes, charset: str | None) -> str:
    if len(value) > 4 * _LONGEST_VALUE:
        value = value[: 4 * _LONGEST_VALUE]
    return decode_header(value, charset)[:_LONGEST_VALUE]


def read_return_path(part: Part) -> str | None:
    """Return the envelope's sender, "" for the null path (RFC 3834, 2), or None without a readable Return-Path."""
    values = part.headers.get(b"return-path")
    if not values:
        return None
    if has_null_path(part):
        return ""
    found = read_addresses(values[0][:_LONGEST_VALUE])
    return found[0].email if found else None


def has_null_path(part: Part) -> bool:
    """Return whether the envelope's sender is empty, as in delivery reports."""
    values = part.headers.get(b"return-path")
    return values is not None and b"".join(values[0][:100].split()) in _NULL_PATHS


def read_thread_index(part: Part) -> str | None:
    """Return Outlook's Thread-Index without the spaces that folding added, or None."""
    value = part.first(b"thread-index")
    text = "".join(decode_header(value[: 4 * _LONGEST_VALUE]).split()) if value else ""
    return text[:_LONGEST_VALUE] or None


def read_thread_topic(part: Part, charset: str | None) -> str | None:
    """Return Outlook's Thread-Topic, or None."""
    value = part.first(b"thread-topic")
    return (_decoded(value, charset) or None) if value else None


def read_list_id(part: Part) -> str | None:
    """Return the list's identifier in lower case, without its description (RFC 2919), or None."""
    value = part.first(b"list-id")
    if not value:
        return None
    text = _decoded(value, None)
    inside = (
        text.rpartition("<")[2].partition(">")[0].strip().lower() if "<" in text else text.strip().lower()
    )
    return inside[:320] or None


def read_loop_marks(part: Part) -> tuple[str, ...]:
    """Return the X-Loop values in their order, at most 20."""
    values = part.headers.get(b"x-loop")
    if not values:
        return ()
    decoded = (_decoded(value, None) for value in values[:_MOST_MARKS])
    return tuple(mark for mark in decoded if mark)
