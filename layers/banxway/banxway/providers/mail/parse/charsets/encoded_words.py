"""Decodes header text: RFC 2047 encoded words, also broken ones, and raw 8-bit text between them."""

import re
from functools import lru_cache
from typing import NamedTuple

from banxway.providers.mail.parse.charsets.charsets import Decoded, codec_for, decode, storable_text
from banxway.providers.mail.parse.transfer import decode_base64, decode_quoted_printable

_MOST_REPAIRS = 8
"""How many pieces of a field may have a wrong charset; guessing one costs a hundred times as much as decoding."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_OPENING = re.compile(rb"=\?([^?\s]{1,64})\?([bBqQ])\?")


class _Word(NamedTuple):
    charset: str
    encoding: bytes
    text: bytes


def decode_header(value: bytes, charset: str | None = None) -> str:
    """Return an unfolded field value as readable text on one line, without control characters.

    Adjacent encoded words of one charset are joined before decoding, since senders split characters between words
    (reference/mail.md, 4). Raw 8-bit text is read as `charset` (the mail's own) if possible. Takes linear time.
    """
    if b"=?" not in value and value.isascii() and b"\x1b" not in value:
        text = value.decode("ascii")
        return text if text.isprintable() else _one_line(text)
    # Each field of a mail is decoded at least twice, and the same senders write again and again.
    return _remembered(value, charset) if len(value) < 400 else _decoded(value, charset)


@lru_cache(maxsize=400)
def _remembered(value: bytes, charset: str | None) -> str:
    return _decoded(value, charset)


def _decoded(value: bytes, charset: str | None) -> str:
    out: list[str] = []
    repaired = 0
    for item in _runs(value):
        octets, named = (item, charset) if isinstance(item, bytes) else (_octets(item), item[0].charset)
        found = decode(octets, named) if repaired < _MOST_REPAIRS else _plainly(octets, named)
        repaired += bool(found.repair)
        out.append(found.text)
    return _one_line("".join(out))


def _plainly(octets: bytes, charset: str | None) -> Decoded:
    return Decoded(storable_text(octets.decode(codec_for(charset) or "utf-8", "replace")))


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text.replace("\x00", "")).strip()


def _runs(value: bytes) -> list[bytes | list[_Word]]:
    """Return raw pieces, and runs of adjacent words of one charset; white space between two words is dropped."""
    items: list[bytes | list[_Word]] = []
    at = 0
    for start, end, word in _words(value):
        between = value[at:start]
        previous = items[-1] if items else None
        if between.strip() or previous is None:
            items.append(between)
            items.append([word])
        elif isinstance(previous, list) and previous[0].charset == word.charset:
            previous.append(word)
        else:
            items.append([word])
        at = end
    items.append(value[at:])
    return items


def _words(value: bytes) -> list[tuple[int, int, _Word]]:
    words: list[tuple[int, int, _Word]] = []
    at = value.find(b"=?")
    while at >= 0:
        opening = _OPENING.match(value, at)
        if opening is None:
            at = value.find(b"=?", at + 2)
            continue
        closing = value.find(b"?=", opening.end())
        if closing < 0:
            # It was cut off on the way: decode it up to the end.
            closing = len(value)
        charset = opening[1].decode("latin-1").partition("*")[0].lower()
        end = min(closing + 2, len(value))
        words.append((at, end, _Word(charset, opening[2].lower(), value[opening.end() : closing])))
        at = value.find(b"=?", end)
    return words


def _octets(run: list[_Word]) -> bytes:
    """Return the octets of a run. Base64 continues from word to word, unless only each word alone is valid."""
    octets = _joined(run)
    if len(run) == 1 or not any(word.encoding == b"b" and len(word.text.strip()) % 4 for word in run):
        return octets
    if _is_sound(octets, run[0].charset):
        return octets
    apart = b"".join(_joined([word]) for word in run)
    return apart if _is_sound(apart, run[0].charset) else octets


def _is_sound(octets: bytes, charset: str) -> bool:
    """Return whether octets can be text of a charset: all valid, and no control characters."""
    codec = codec_for(charset) or "utf-8"
    if codec.startswith("iso2022"):
        return octets.isascii() and octets.replace(b"\x1b", b"").decode("ascii").isprintable()
    try:
        return _CONTROLS.search(octets.decode(codec)) is None
    except (UnicodeError, ValueError):
        return False


def _joined(run: list[_Word]) -> bytes:
    out: list[bytes] = []
    pending = b""
    for word in run:
        if word.encoding == b"q":
            out.append(_base64(pending))
            pending = b""
            out.append(decode_quoted_printable(word.text.replace(b"_", b" ")))
            continue
        pending += word.text.strip()
        if pending.endswith(b"=") or len(pending) % 4 == 0:
            out.append(_base64(pending))
            pending = b""
    out.append(_base64(pending))
    return b"".join(out)


def _base64(text: bytes) -> bytes:
    return decode_base64(text).octets if text else b""
