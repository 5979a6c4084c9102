"""Parses Message-ID, In-Reply-To and References into ids without brackets (reference/mail.md, 5, rule 1)."""

import re

from banxway.providers.mail.parse.charsets.encoded_words import decode_header

_LONGEST_ID = 998  # bytes; it fits on a line (RFC 5322, 2.1.1), and into an index of the database
_LONGEST_FIELD = 4 * _LONGEST_ID
"""Enough for the longest id with brackets, white space and an encoding."""
_MOST_IDS = 200
_MOST_REFERENCES = 1000 * _MOST_IDS
_MOST_ENCODED = 8000
"""The limit for fields with encoded words, which a few broken programs write and which cost 100 times as much."""
_ID = r"<([A-Za-z0-9!#$%&*+./=^_`{|}~@-]{1,900})>"
_USUAL = re.compile(_ID.encode())
_USUAL_IDS = re.compile(f"{_ID}(?: {_ID})*")
_AROUND = " \t\r\n<>\"',;"


def read_message_id(value: bytes) -> str | None:
    """Return a mail's own id without brackets, even one without `@`, or None."""
    usual = _USUAL.fullmatch(value)
    if usual:
        return usual[1].decode("ascii")
    text = _beginning(value)
    ids = _bracketed(text)
    return ids[0] if ids else _clean(text) or None


def read_raw_message_id(value: bytes) -> str | None:
    """Return a mail's own id exactly as in its header if `read_message_id` returns it differently, else None.

    An answer must repeat it byte for byte (RFC 5322, 3.6.4); only an ASCII id can be, so any other gives None.
    """
    if _USUAL.fullmatch(value):
        return None
    inside = value.partition(b"<")[2].partition(b">")[0]
    if not inside or len(inside) > _LONGEST_ID or not all(32 <= byte < 127 for byte in inside):
        return None
    raw = inside.decode("ascii")
    return raw if raw != read_message_id(value) else None


def read_reply_id(value: bytes) -> str | None:
    """Return the first id of an In-Reply-To field, or None; prose without brackets is not evidence."""
    ids = _named_ids(_beginning(value))
    return ids[0] if ids else None


def read_references(value: bytes) -> tuple[str, ...]:
    """Return the ids of a References field, oldest first, each once; of more than 200, the first and the newest 199.

    Of an overlong field only the beginning and the end are parsed.
    """
    ids = _named_ids(_both_ends(value))
    return tuple(ids[:1] + ids[1:][-(_MOST_IDS - 1) :])


def _named_ids(text: str) -> list[str]:
    ids = _bracketed(text)
    if not ids:
        tokens = [_clean(token) for token in text.replace(",", " ").split()[: _MOST_IDS * 4]]
        # Without brackets an address in prose looks like an id, so every word must look like one.
        ids = tokens if tokens and all("@" in token for token in tokens) else []
    return list(dict.fromkeys(ids))


def _beginning(value: bytes) -> str:
    return decode_header(value.lstrip()[:_LONGEST_FIELD])


def _both_ends(value: bytes) -> str:
    """Return a field's text; of an overlong field, only the ids at its beginning and at its end."""
    is_plain = value.isascii() and b"=?" not in value and b"\x1b" not in value
    most = _MOST_REFERENCES if is_plain else _MOST_ENCODED
    if len(value) <= most:
        return decode_header(value)
    first = decode_header(value[:_LONGEST_FIELD])
    newest = decode_header(value[-(most - _LONGEST_FIELD) :])
    if "<" not in newest:
        return first.rpartition(" ")[0]
    # Both cuts may be inside an id, and the rest of an id would be another id.
    return f"{first.rpartition('>')[0]}> <{newest.partition('<')[2]}"


def _bracketed(text: str) -> list[str]:
    if _USUAL_IDS.fullmatch(text):
        return text[1:-1].split("> <")
    pieces = text.split("<")[1:]
    inside = (piece.partition(">")[0] for piece in pieces)
    return [one for one in map(_clean, inside) if one]


def _clean(text: str) -> str:
    """Return an id without white space, which a relay's folding adds; "" if it is too long or unprintable."""
    token = "".join(text.strip(_AROUND).split())
    return token if token.isprintable() and len(token.encode()) <= _LONGEST_ID else ""
