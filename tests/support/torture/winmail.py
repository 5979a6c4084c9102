"""Writes winmail.dat files, sound and damaged: what Outlook makes, piece by piece (MS-OXTNEF)."""

import base64
import struct
from collections.abc import Iterator

from tests.support.torture.case import HEAD, PLAIN, PLANT, Case, multipart

MESSAGE, FILE = 1, 2
SUBJECT, BODY, PROPERTIES, CODEPAGE = 0x00018004, 0x0002800C, 0x00069003, 0x00069007
NEW_FILE, FILE_DATA, FILE_TITLE, FILE_PROPERTIES = 0x00069002, 0x0006800F, 0x00018010, 0x00069005


def attribute(level: int, name: int, value: bytes) -> bytes:
    """One attribute with its checksum."""
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) % 65536)


def tnef(*attributes: bytes) -> bytes:
    """A whole file."""
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def text_property(tag: int, text: str) -> bytes:
    """A property in UTF-16."""
    return sized_property(tag, 31, text.encode("utf-16-le") + b"\0\0")


def sized_property(tag: int, kind: int, octets: bytes) -> bytes:
    """A property of octets."""
    head = struct.pack("<HHII", kind, tag, 1, len(octets))
    return head + octets + b"\0" * (-len(octets) % 4)


def number_property(tag: int, number: int) -> bytes:
    """A property of 32 bits."""
    return struct.pack("<HHI", 3, tag, number)


def named_property(octets: bytes) -> bytes:
    """A property that has a name of its own before its value, which a reader must step over."""
    name = "Odd".encode("utf-16-le") + b"\0\0"
    head = struct.pack("<HH", 258, 0x8001) + b"\1" * 16 + struct.pack("<II", 1, len(name)) + name
    return head + struct.pack("<II", 1, len(octets)) + octets + b"\0" * (-len(octets) % 4)


def properties(*each: bytes) -> bytes:
    """A list of properties with its count."""
    return struct.pack("<I", len(each)) + b"".join(each)


def packed_file(name: str, content: bytes, *more: bytes) -> bytes:
    """The attributes of one file; `more` are its properties."""
    return (
        attribute(FILE, NEW_FILE, b"\0" * 14)
        + attribute(FILE, FILE_DATA, content)
        + attribute(FILE, FILE_TITLE, name.encode("ascii", "replace") + b"\0")
        + (attribute(FILE, FILE_PROPERTIES, properties(*more)) if more else b"")
    )


def compressed(rtf: bytes) -> bytes:
    """Rich text as a compressed body holds it, without any saving."""
    octets = bytearray()
    for at in range(0, len(rtf), 8):
        octets += b"\0" + rtf[at : at + 8]
    return struct.pack("<II4sI", len(octets) + 12, len(rtf), b"LZFu", 0) + octets


RICH = (
    b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\f0 The "
    + PLANT.encode()
    + b" stands.\\par gr\\'fc\\u223?\\}}"
)
WRAPPED = (
    b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 The " + PLANT.encode()
    + b" stands.\\htmlrtf }\\htmlrtf0{\\*\\htmltag72 </p>}}"
)  # fmt: skip
MIME_TAG, LONG_NAME, CONTENT_ID, METHOD, DATA, HTML_BODY, RTF_BODY = (
    0x370E, 0x3707, 0x3712, 0x3705, 0x3701, 0x1013, 0x1009,
)  # fmt: skip
WHOLE = tnef(
    attribute(MESSAGE, CODEPAGE, struct.pack("<II", 1252, 0)),
    attribute(
        MESSAGE, PROPERTIES, properties(named_property(b"xyz"), text_property(0x1000, f"The {PLANT} stands."))
    ),
    packed_file(
        "A.PDF", b"%PDF", text_property(LONG_NAME, "Ångström.pdf"), text_property(MIME_TAG, "application/pdf")
    ),
)


def mail_with(octets: bytes, *, kind: str = "application/ms-tnef", text: bool = False) -> bytes:
    """A mail that carries a winmail.dat, and a plain text beside it if asked."""
    head = f'Content-Type: {kind}; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    part = head.encode() + base64.encodebytes(octets)
    return HEAD + multipart("mixed", *([PLAIN] if text else []), part)


def winmails() -> Iterator[Case]:
    """Each way to hide a body or a file in a winmail.dat, and each way to damage one."""
    yield Case("a winmail.dat with body and file", mail_with(WHOLE), attachments=1, filename="Ångström.pdf")
    yield Case(
        "a winmail.dat of another type", mail_with(WHOLE, kind="application/octet-stream"), attachments=1
    )
    plain = tnef(attribute(MESSAGE, BODY, f"The {PLANT}\0".encode()))
    yield Case("a winmail.dat with an old body", mail_with(plain), attachments=0)
    for name, tag, octets in (
        ("HTML", HTML_BODY, f"<p>The {PLANT}</p>".encode()),
        ("rich text", RTF_BODY, compressed(RICH)),
        ("rich text around HTML", RTF_BODY, compressed(WRAPPED)),
    ):
        body = tnef(attribute(MESSAGE, PROPERTIES, properties(sized_property(tag, 258, octets))))
        yield Case(f"a winmail.dat with {name}", mail_with(body), attachments=0)
    inner = sized_property(DATA, 13, b"\1" * 16 + WHOLE)
    nested = tnef(packed_file("inner", b"", number_property(METHOD, 5), inner))
    yield Case("a mail within a winmail.dat", mail_with(nested), attachments=1, filename="Ångström.pdf")
    deep = WHOLE
    for _ in range(60):
        deep = tnef(
            packed_file("i", b"", number_property(METHOD, 5), sized_property(DATA, 13, b"\1" * 16 + deep))
        )
    yield Case("sixty mails within each other in a winmail.dat", mail_with(deep, text=True))
    yield Case("a winmail.dat of 5,000 files", mail_with(tnef(packed_file("a", b"x") * 5000), text=True))
    yield Case(
        "a winmail.dat of a long length",
        mail_with(WHOLE[:6] + struct.pack("<BII", 1, BODY, 1 << 31), text=True),
    )
    yield Case("a winmail.dat cut in its file", mail_with(WHOLE[:-20], text=True))
    endless = struct.pack("<I", 1 << 31) + text_property(0x1000, "x")
    yield Case(
        "endless properties in a winmail.dat", mail_with(tnef(attribute(1, PROPERTIES, endless)), text=True)
    )
    bomb = struct.pack("<II4sI", 2_000_000, 1 << 31, b"LZFu", 0) + b"\xff" + b"\x00\x0f" * 8 * 60_000
    body = tnef(attribute(MESSAGE, PROPERTIES, properties(sized_property(RTF_BODY, 258, bomb))))
    yield Case("a bomb of rich text in a winmail.dat", mail_with(body, text=True))
    braces = compressed(b"{\\rtf1 " + b"{" * 100_000)
    body = tnef(attribute(MESSAGE, PROPERTIES, properties(sized_property(RTF_BODY, 258, braces))))
    yield Case("rich text of braces in a winmail.dat", mail_with(body, text=True))
