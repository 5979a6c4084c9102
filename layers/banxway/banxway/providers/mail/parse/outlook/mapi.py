"""Parses a list of MAPI properties in TNEF (MS-OXTNEF, 2.1.3.4), without interpreting them."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_MOST_PROPERTIES = 2000
_MOST_VALUES = 200
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_TEXT_IN_OCTETS, _TEXT_IN_UTF16, _OBJECT, _OCTETS = 30, 31, 13, 258
_MANY = 0x1000
_FIRST_NAMED = 0x8000


class Property(NamedTuple):
    """One value: its tag without the type, its type, and its undecoded octets."""

    tag: int
    kind: int
    octets: bytes

    def number(self) -> int:
        """Return the value as an integer, 0 if it is not one."""
        return int.from_bytes(bytes(self.octets[:4]), "little") if self.kind in (2, 3) else 0

    def is_wide(self) -> bool:
        """Return whether the octets are UTF-16."""
        return self.kind == _TEXT_IN_UTF16


def read_properties(octets: bytes) -> Iterator[Property]:
    """Yield the properties, with only the first of several values; stops where the list is damaged."""
    try:
        yield from _properties(octets)
    except (struct.error, IndexError):
        return


def _properties(octets: bytes) -> Iterator[Property]:
    count = _number(octets, 0)
    at = 4
    for _ in range(min(count, _MOST_PROPERTIES)):
        kind, tag = struct.unpack_from("<HH", octets, at)
        at += 4
        if tag >= _FIRST_NAMED:
            at = _past_name(octets, at)
        values, at = _values(octets, at, kind)
        if values:
            yield Property(tag, kind & ~_MANY, values[0])


def _past_name(octets: bytes, at: int) -> int:
    is_text = _number(octets, at + 16)
    at += 20
    if not is_text:
        return at + 4
    length = _number(octets, at)
    return at + 4 + length + -length % 4


def _number(octets: bytes, at: int) -> int:
    number: int = struct.unpack_from("<I", octets, at)[0]
    return number


def _values(octets: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    base = kind & ~_MANY
    is_sized = base in (_TEXT_IN_OCTETS, _TEXT_IN_UTF16, _OBJECT, _OCTETS)
    if not is_sized and base not in _FIXED:
        raise struct.error("the type is unknown, and so is its length")
    count = 1
    if is_sized or kind & _MANY:
        count = _number(octets, at)
        at += 4
    values = []
    for _ in range(min(count, _MOST_VALUES)):
        size = _FIXED.get(base, 0)
        if is_sized:
            size = _number(octets, at)
            at += 4
        if size > len(octets) - at:
            raise struct.error("the value is longer than the list")
        values.append(octets[at : at + size])
        at += size + -size % 4
    return values, at
