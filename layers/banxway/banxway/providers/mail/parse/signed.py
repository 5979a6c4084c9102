"""Opens opaque S/MIME: a mail within a signature file (CMS SignedData, RFC 5652), which needs no key to be read.

Only as much of DER and BER is understood as leads to the content. Whose signature it is, is not checked.
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
    """What is read is no such encoding."""


def is_signed(content_type: str, parameters: dict[str, str], filename: str) -> bool:
    """Whether a part may be opaque S/MIME; some programs type it as any file."""
    if content_type in SIGNED_TYPES:
        return True
    is_named = filename.lower().endswith((".p7m", ".p7z"))
    return content_type == "application/octet-stream" and (is_named or "smime-type" in parameters)


def read_signed(octets: bytes) -> bytes | None:
    """Return the mail within opaque signed data, or None where there is none. Linear in time, and raises nothing."""
    try:
        return _content(octets)
    except (_DamagedError, IndexError):
        return None


def _content(octets: bytes) -> bytes | None:
    """ContentInfo { SignedData, [0] { version, digests, EncapsulatedContentInfo { type, [0] { content } } } }."""
    outer = _children(octets, _of(octets, 0, len(octets), _SEQUENCE))
    kind = next(outer)
    if kind.tag != _OBJECT or octets[kind.start : kind.stop] != _SIGNED_DATA:
        return None
    explicit = next(outer)
    signed = _of(octets, explicit.start, explicit.stop, _SEQUENCE)
    inner = next((value for value in _children(octets, signed) if value.tag == _SEQUENCE), None)
    if explicit.tag != _CONTEXT or inner is None:
        return None
    held = next((value for value in _children(octets, inner) if value.tag == _CONTEXT), None)
    if held is None:
        return None  # the signature of something that is elsewhere
    return b"".join(_strings(octets, held, depth=0))


def _strings(octets: bytes, value: _Value, *, depth: int) -> Iterator[bytes]:
    """The pieces of an octet string, which BER may write in many."""
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
    """A value whose length is not told: it ends at two zero octets."""
    if depth > _MOST_DEPTH or not tag & _CONSTRUCTED:
        raise _DamagedError
    at = start
    for _ in range(_MOST_VALUES):
        if octets[at : at + 2] == b"\x00\x00":
            return _Value(tag, start, at, at + 2)
        at = _read(octets, at, stop, depth=depth + 1).end
    raise _DamagedError
