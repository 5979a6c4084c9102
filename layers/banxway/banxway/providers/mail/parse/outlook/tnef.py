"""Unpacks winmail.dat, the file in which Outlook packs a mail's body and its attachments (MS-OXTNEF).

Sizes and counts are limited, and it never raises: of a damaged file, everything before the damage is returned.
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from banxway.providers.mail.parse.charsets.charsets import decode
from banxway.providers.mail.parse.outlook.mapi import Property, read_properties
from banxway.providers.mail.parse.outlook.rtf import decompress, read_rtf

SIGNATURE = b"\x78\x9f\x3e\x22"
_MOST_FILES = 200
_MOST_ATTRIBUTES = 20_000
_LONGEST_TEXT = 2_000_000
_TO_MESSAGE, _TO_FILE = 1, 2
_SUBJECT, _BODY, _CODEPAGE, _PROPERTIES = 0x8004, 0x800C, 0x9007, 0x9003
_NEW_FILE, _FILE_DATA, _FILE_TITLE, _FILE_PROPERTIES = 0x9002, 0x800F, 0x8010, 0x9005
_EMBEDDED_MAIL = 5


@dataclass(slots=True)
class PackedFile:
    """One file inside; `is_mail` if its content is another winmail.dat."""

    name: str = ""
    content_type: str = "application/octet-stream"
    content: bytes = field(default=b"", repr=False)
    content_id: str = ""
    is_mail: bool = False


class Unpacked(NamedTuple):
    """The contents of a winmail.dat; "" for what is missing. `is_whole` is False if the file is damaged."""

    subject: str
    text: str
    html: str
    files: tuple[PackedFile, ...]
    is_whole: bool


def unpack(octets: bytes) -> Unpacked | None:
    """Return the contents of a winmail.dat, or None if the octets are not one. Never raises."""
    if not octets.startswith(SIGNATURE):
        return None
    reader = _Reader()
    is_whole = reader.read(octets)
    files = tuple(one for one in reader.files if one.content or one.name)
    return Unpacked(reader.subject, *reader.body(), files, is_whole)


class _Reader:
    def __init__(self) -> None:
        self.files: list[PackedFile] = []
        self.codec = "cp1252"
        self.subject = ""
        self.plain = ""
        self.html = ""
        self.rtf = b""

    def body(self) -> tuple[str, str]:
        if self.html or not self.rtf:
            return self.plain, self.html
        rich = read_rtf(decompress(self.rtf))
        return self.plain or rich.text, rich.html

    def read(self, octets: bytes) -> bool:
        at = 6
        for _ in range(_MOST_ATTRIBUTES):
            if len(octets) - at < 11:
                return len(octets) - at < 3
            level, name, _, length = struct.unpack_from("<BHHI", octets, at)
            at += 9
            if level not in (_TO_MESSAGE, _TO_FILE) or length > len(octets) - at:
                return False
            self.take(name, octets[at : at + length])
            at += length + 2
        return False

    def take(self, name: int, value: bytes) -> None:
        if name == _CODEPAGE and len(value) >= 4:
            self.codec = f"cp{int.from_bytes(value[:4], 'little')}"
        elif name == _SUBJECT:
            self.subject = self.subject or self.text(value)
        elif name == _BODY:
            self.plain = self.plain or self.text(value)
        elif name == _PROPERTIES:
            for found in read_properties(value):
                self.take_of_message(found)
        elif name == _NEW_FILE and len(self.files) < _MOST_FILES:
            self.files.append(PackedFile())
        elif name == _FILE_TITLE and self.files:
            self.files[-1].name = self.files[-1].name or self.text(value)
        elif name == _FILE_DATA and self.files:
            self.files[-1].content = value or self.files[-1].content
        elif name == _FILE_PROPERTIES and self.files:
            self.take_of_file(list(read_properties(value)), self.files[-1])

    def take_of_message(self, found: Property) -> None:
        if found.tag == 0x0037:
            self.subject = self.string(found) or self.subject
        elif found.tag == 0x1000:
            self.plain = self.string(found) or self.plain
        elif found.tag == 0x1013:
            self.html = self.html or self.string(found)
        elif found.tag == 0x1009:
            self.rtf = found.octets
        elif found.tag == 0x3FDE and 0 < found.number() < 100_000:
            page = found.number()
            self.codec = "utf-8" if page == 65001 else f"cp{page}"

    def take_of_file(self, properties: list[Property], file: PackedFile) -> None:
        values = {found.tag: found for found in properties}
        for tag in (0x3704, 0x3707):
            file.name = (self.string(values[tag]) if tag in values else "") or file.name
        if 0x370E in values:
            file.content_type = self.string(values[0x370E]).lower() or file.content_type
        if 0x3712 in values:
            file.content_id = self.string(values[0x3712])
        file.is_mail = 0x3705 in values and values[0x3705].number() == _EMBEDDED_MAIL
        if 0x3701 in values and not file.content:
            # An object begins with the 16 octets of its interface's id.
            content = values[0x3701].octets
            file.content = content[16:] if values[0x3701].kind == 13 else content
        if file.is_mail:
            file.name = file.name or "message"

    def string(self, found: Property) -> str:
        if found.is_wide():
            return decode(found.octets[: 2 * _LONGEST_TEXT], "utf-16-le").text.rstrip("\x00")
        return self.text(found.octets)

    def text(self, octets: bytes) -> str:
        return decode(octets[:_LONGEST_TEXT].rstrip(b"\x00"), self.codec).text
