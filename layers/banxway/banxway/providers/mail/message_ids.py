"""Reads Message-ID, In-Reply-To and References into bare ids (mail.md, section 5, rule 1)."""

import re

from banxway.providers.mail.encoded_words import decode_header

_LONGEST_ID = 998  # bytes: what fits on a line (RFC 5322, 2.1.1), and into an index of ours
_MOST_IDS = 200
_USUAL = re.compile(rb"<([A-Za-z0-9!#$%&*+./=^_`{|}~@-]{1,900})>")
_AROUND = " \t\r\n<>\"',;"


def read_message_id(value: bytes) -> str | None:
    """Return a mail's own id without brackets, even one without `@`, or None."""
    usual = _USUAL.fullmatch(value)
    if usual:
        return usual[1].decode("ascii")
    ids = _bracketed(_text(value))
    return ids[0] if ids else _clean(_text(value)) or None


def read_reply_id(value: bytes) -> str | None:
    """Return the id an In-Reply-To names, or None; prose and ids without `@` are no evidence."""
    ids = read_references(value)
    return ids[0] if ids else None


def read_references(value: bytes) -> tuple[str, ...]:
    """Return the ids of a References field, oldest first, each once; at most 200, first and newest."""
    text = _text(value)
    ids = _bracketed(text)
    if not ids:
        tokens = [_clean(token) for token in text.replace(",", " ").split()[: _MOST_IDS * 4]]
        # Without brackets an address in prose looks like an id, so all words must.
        ids = tokens if tokens and all("@" in token for token in tokens) else []
    ids = list(dict.fromkeys(one for one in ids if "@" in one))
    if len(ids) > _MOST_IDS:
        ids = ids[:1] + ids[-(_MOST_IDS - 1) :]
    return tuple(ids)


def _text(value: bytes) -> str:
    return decode_header(value)


def _bracketed(text: str) -> list[str]:
    pieces = text.split("<")[1:]
    inside = (piece.partition(">")[0] for piece in pieces)
    return [one for one in map(_clean, inside) if one]


def _clean(text: str) -> str:
    """An id never holds white space: what does was folded in the middle by a relay."""
    token = "".join(text.strip(_AROUND).split())
    return token if token.isprintable() and len(token.encode()) <= _LONGEST_ID else ""
