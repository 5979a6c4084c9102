"""Extracts the mail from opaque S/MIME: a mail inside a signature file (CMS SignedData, RFC 5652), without a key.

Only the parts of DER and BER that lead to the content are parsed. The signature is not verified.
"""

from collections.abc import Iterator
from typing import NamedTuple

SIGNED_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OBJECT, _OCTETS, _CONTEXT = 0x30, 0x06, 0x04, 0xA0
_CONSTRUCTED = 0x20
_MOST_VALUES = 100_000
_MOST_DEPTH = 8


class _Value(NamedTuple):
    """One encoded value: its tag, and where its content is; `end` is where the next value begins."""

    tag: int
    start: int
    stop: int
    end: int


class _DamagedError(Exception):
    """Raised for octets that are not valid DER or BER."""


def is_signed(content_type: str, parameters: dict[str, str], filename: str) -> bool:
    """Return whether a part may be opaque S/MIME; some programs give it the type of any file."""
    if content_type in SIGNED_TYPES:
        return True
    is_named = filename.lower().endswith((".p7m", ".p7z"))
    return content_type == "application/octet-stream" and (is_named or "smime-type" in parameters)


def read_signed(octets: bytes) -> bytes | None:
    """Return the mail inside opaque signed data, or None if there is none. Takes linear time and never raises."""
    try:
        return _content(octets)
    except (_DamagedError, IndexError):
        return None


def _content(octets: bytes) -> bytes | None:
    """Return the content of `ContentInfo { SignedData, [0] { version, digests, { type, [0] { content } } } }`."""
    outer = _children(octets, _of(octets, 0, len(octets), _SEQUENCE))
    kind = next(outer)
    if kind.tag != _OBJECT or octets[kind.start : kind.stop] != _SIGNED_DATA:
        return None
    explicit = next(outer)
    signed = _of(octets, explicit.start, explicit.stop, _SEQUENCE)
    inner = next((value for value in _children(octets, signed) if value.tag == _SEQUENCE), None)
    if explicit.tag != _CONTEXT or inner is None:
        return None
    content = next((value for value in _children(octets, inner) if value.tag == _CONTEXT), None)
    if content is None:
        return None  # a detached signature
    return b"".join(_strings(octets, content, depth=0))


def _strings(octets: bytes, value: _Value, *, depth: int) -> Iterator[bytes]:
    """Yield the pieces of an octet string, which BER may split."""
    if depth > _MOST_DEPTH:
        raise _DamagedError
    for child in _children(octets, value):
        if child.tag == _OCTETS:
            yield octets[child.start : child.stop]
        elif child.tag == _OCTETS | _CONSTRUCTED:
            yield from _strings(octets, child, depth=depth + 1)


def _of(octets: bytes, start: int, stop: int, tag: int) -> _Value:
    value = _read(octets, start, stop, depth=0)
    if value.tag != tag:
        raise _DamagedError
    return value


def _children(octets: bytes, value: _Value) -> Iterator[_Value]:
    at = value.start
    for _ in range(_MOST_VALUES):
        if at >= value.stop:
            return
        child = _read(octets, at, value.stop, depth=0)
        yield child
        at = child.end


def _read(octets: bytes, at: int, stop: int, *, depth: int) -> _Value:
    tag, length = octets[at], octets[at + 1]
    start = at + 2
    if length == 0x80:
        return _indefinite(octets, tag, start, stop, depth=depth)
    if length > 0x80:
        count = length & 0x7F
        if count > 4:
            raise _DamagedError
        length = int.from_bytes(octets[start : start + count], "big")
        start += count
    if tag & 0x1F == 0x1F or start + length > stop:
        raise _DamagedError
    return _Value(tag, start, start + length, start + length)


def _indefinite(octets: bytes, tag: int, start: int, stop: int, *, depth: int) -> _Value:
    """Return a value of indefinite length, which ends at two zero octets."""
    if depth > _MOST_DEPTH or not tag & _CONSTRUCTED:
        raise _DamagedError
    at = start
    for _ in range(_MOST_VALUES):
        if octets[at : at + 2] == b"\x00\x00":
            return _Value(tag, start, at, at + 2)
        at = _read(octets, at, stop, depth=depth + 1).end
    raise _DamagedError
