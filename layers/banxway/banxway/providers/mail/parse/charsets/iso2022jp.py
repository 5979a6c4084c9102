"""Decodes ISO-2022-JP, both the standard variants and what mail programs really send, and ISO-2022-CN."""

import re

_ESCAPE = re.compile(rb"\x1b(\$\(?[@BDOPQ]|\([BJIH])")
_STRICT = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004", "iso2022_jp_2")


def looks_like_iso2022jp(octets: bytes) -> bool:
    """Return whether the escapes of ISO-2022-JP occur; no other charset of mail uses them."""
    return (
        b"\x1b" in octets
        and (b"\x1b$B" in octets or b"\x1b$@" in octets or b"\x1b(" in octets or b"\x1b$(" in octets)
        and (_ESCAPE.search(octets) is not None)
    )


def decode_iso2022jp(octets: bytes) -> str:
    """Decode by the first standard variant that is valid, else by the escapes with Windows' table.

    Windows' table has the circled digits and company marks that senders use in ISO-2022-JP against the standard.
    """
    for codec in _STRICT:
        try:
            return octets.decode(codec)
        except UnicodeDecodeError:
            continue
    return _by_escapes(octets)


def _by_escapes(octets: bytes) -> str:
    out: list[str] = []
    at, mode = 0, b"(B"
    for match in _ESCAPE.finditer(octets):
        out.append(_stretch(octets[at : match.start()], mode))
        at, mode = match.end(), match[1]
    out.append(_stretch(octets[at:], mode))
    return "".join(out)


def _stretch(octets: bytes, mode: bytes) -> str:
    if not octets:
        return ""
    if mode == b"(I":
        return bytes(octet | 0x80 if 0x20 < octet < 0x7F else octet for octet in octets).decode(
            "cp932", "replace"
        )
    if mode in (b"$B", b"$@"):
        return "".join(_two_byte_line(line) for line in octets.splitlines(keepends=True))
    if mode.startswith(b"$"):
        return (b"\x1b" + mode + octets).decode("iso2022_jp_2004", "replace")
    return octets.decode("utf-8" if octets.isascii() else "cp932", "replace")


def _two_byte_line(line: bytes) -> str:
    """Convert pairs of JIS row and cell to Shift_JIS, and decode that; other octets are left unchanged."""
    out = bytearray()
    at = 0
    while at < len(line):
        row = line[at]
        if not 0x21 <= row <= 0x7E or at + 1 >= len(line) or not 0x21 <= line[at + 1] <= 0x7E:
            out.append(row)
            at += 1
            continue
        cell = line[at + 1]
        out.append(((row + 1) >> 1) + (0x70 if row < 0x5F else 0xB0))
        if row % 2:
            out.append(cell + (0x1F if cell < 0x60 else 0x20))
        else:
            out.append(cell + 0x7E)
        at += 2
    return bytes(out).decode("cp932", "replace")


_SHIFT_OUT, _SHIFT_IN = b"\x0e", b"\x0f"
_TO_CHINESE = b"\x1b$)A"


def is_iso2022cn(octets: bytes) -> bool:
    """Return whether the escape of ISO-2022-CN for simplified Chinese occurs (RFC 1922)."""
    return _TO_CHINESE in octets and _SHIFT_OUT in octets


def decode_iso2022cn(octets: bytes) -> str:
    """Decode ISO-2022-CN's simplified Chinese between shifts; the standard library has no codec for it."""
    out: list[str] = []
    for at, piece in enumerate(octets.replace(_TO_CHINESE, b"").split(_SHIFT_OUT)):
        chinese, _, rest = piece.partition(_SHIFT_IN) if at else (b"", b"", piece)
        out.append(
            bytes(octet | 0x80 if 0x20 < octet < 0x7F else octet for octet in chinese).decode(
                "gb18030", "replace"
            )
        )
        out.append(rest.decode("utf-8", "replace"))
    return "".join(out)
