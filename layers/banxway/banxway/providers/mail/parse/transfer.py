"""Decodes content transfer encodings, and recovers what it can of damaged ones."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp, a2b_uu
from typing import NamedTuple

from pybase64 import b64decode

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SPACE = b" \t\r\n\x0b\x0c"
_SOFT_BREAK = re.compile(rb"=(?:[ \t]+(?=\r?\n)|[ \t]*\r(?!\n))")
_MISREAD = re.compile(rb"=(?:[= \t]|\r(?!\n))")
"""Matches where one of the two others may; every mail is searched for it, and only then for the others."""
_EQUALS = re.compile(rb"={2,}(?:[ \t]*(?:\r?\n|\Z))?")
_IDENTITY = (b"", b"7bit", b"8bit", b"binary", b"none", b"7-bit", b"8-bit")
_UUENCODE = (b"uuencode", b"x-uuencode", b"uue", b"x-uue")


class Octets(NamedTuple):
    """Decoded content, and a sentence about its damage ("" if there was none)."""

    octets: bytes
    repair: str = ""


def decode_transfer(body: bytes, encoding: bytes) -> Octets:
    """Decode a body by its transfer encoding (the raw field value); an unknown one leaves the body unchanged."""
    name = encoding.strip().lower().strip(b"\"';:") if encoding else b""
    if name == b"base64":
        return decode_base64(body)
    if name == b"quoted-printable":
        return Octets(decode_quoted_printable(body))
    if name in _IDENTITY:
        return Octets(body)
    name = re.split(rb"[\s;(]", name, maxsplit=1)[0]
    if name in (b"base64", b"quoted-printable"):
        return decode_transfer(body, name)
    if name in _UUENCODE:
        found = find_uuencoded(body)
        if found:
            return Octets(found[0].content)
        return Octets(body, "A part is declared as uuencoded but is not; it is shown as sent.")
    if name in _IDENTITY:
        return Octets(body)
    return Octets(body, "A part names a transfer encoding that does not exist; it is shown as sent.")


def decode_quoted_printable(body: bytes) -> bytes:
    """Decode quoted-printable; an invalid escape stays unchanged, as RFC 2045 (6.7) recommends."""
    if _MISREAD.search(body):
        # The library takes two equals signs for one, and after three it skips to the next line feed.
        body = _EQUALS.sub(_escaped_equals, body)
        # After a lone carriage return it skips to the next line feed, too, and the text between would be lost.
        body = _SOFT_BREAK.sub(lambda found: b"" if found[0].endswith(b"\r") else b"=", body)
    return a2b_qp(body)


def _escaped_equals(found: re.Match[bytes]) -> bytes:
    """Escape equals signs in a row: no encoder writes them, so they are text; at a line's end, all but the last."""
    count = found[0].count(b"=")
    rest = found[0][count:]
    return b"=3D" * count + rest if rest or found.end() == len(found.string) else b"=3D" * (count - 1) + b"="


def decode_base64(body: bytes) -> Octets:
    """Decode base64; recovers what it can if it is cut, padded in the middle, damaged or followed by plain text."""
    padding = body.find(b"=", max(0, len(body) - 200))
    if len(body) < _SHORT and len(body.split()) > 1:
        return _salvaged(body)
    if padding < 0 or not body[padding:].strip(b"=\r\n \t"):
        try:
            # Most octets of mails are base64, and this takes a twentieth of the standard library's time.
            octets = b64decode(body)
        except Base64Error:
            return _salvaged(body)
        end = len(body) if padding < 0 else padding
        if len(octets) == _regular(body, end) * 3 // 4 or len(octets) == _counted(body, end) * 3 // 4:
            return Octets(octets)
    return _salvaged(body)


def _regular(body: bytes, end: int) -> int:
    """Return how many octets are content if every line is as long as the first, computed without reading them."""
    newline = body.find(b"\n", 0, 1000)
    if newline <= 0:
        return -4
    wide = 2 if body[newline - 1] == 13 else 1
    while body[end - 1] in b"\r\n" and end > newline:
        end -= 1
    return end - (end - 1) // (newline + 1) * wide


def _counted(body: bytes, end: int) -> int:
    return end - body.count(b"\n", 0, end) - body.count(b"\r", 0, end) - body.count(b"=", 0, end)


def _salvaged(body: bytes) -> Octets:
    if not body.translate(None, _SPACE):
        return Octets(b"")
    foreign = len(body.translate(None, _BASE64 + _SPACE + b"="))
    core, tail = _split_plain_tail(body)
    if not core or _is_prose(core, foreign) or (foreign > 4 and foreign * 20 > len(body) and not tail):
        return Octets(body, "A part is declared as base64 but is not; it is shown as sent.")
    lines = core.split()
    width = 0 if tail else _width_of(lines)
    if width and (foreign or any(len(line) != width for line in lines[:-1])):
        octets = _decoded_lines(lines, width)
        return Octets(octets, "A line of a part's base64 was damaged; some of its content is lost.")
    chunks = [_decoded_chunk(chunk) for chunk in core.translate(None, _SPACE).split(b"=") if chunk]
    octets = b"".join(chunks)
    if tail:
        return Octets(octets + b"\n" + tail, "Plain text follows a base64 part; both are shown.")
    is_only_spaced = not foreign and len(chunks) <= 1 and len(core.translate(None, _SPACE)) % 4 == 0
    return Octets(
        octets, "" if is_only_spaced else "A part's base64 was damaged; what could be decoded is shown."
    )


def _is_prose(core: bytes, foreign: int) -> bool:
    """Return whether this is text and not base64: its words are short, and decoding it gives no readable text."""
    words = core[:4096].split()
    if max(map(len, words)) >= _LONGEST_WORD or (len(words) == 1 and not _is_word(words[0])):
        return False
    if foreign and b" " in core[:4096].strip() and len(words) > 2:
        return True
    octets = b"".join(map(_decoded_chunk, core[:4096].translate(None, _SPACE).split(b"=")))
    try:
        return octets.decode().translate(_LINE_ENDS).isprintable() is False
    except UnicodeDecodeError:
        return True


def _is_word(token: bytes) -> bool:
    word = token.strip(b".,;:!?")
    return word.isalpha() and (word.islower() or word.istitle() or word.isupper())


def _width_of(lines: list[bytes]) -> int:
    """Return the width of the lines if each can be decoded alone, which limits damage to its line; else 0."""
    width = max(map(len, lines))
    alike = sum(len(line) == width for line in lines)
    return (
        width if len(lines) > 2 and width % 4 == 0 and width >= _NARROWEST and alike * 2 >= len(lines) else 0
    )


def _decoded_lines(lines: list[bytes], width: int) -> bytes:
    return b"".join(_decoded_line(line, width, is_last=at == len(lines) - 1) for at, line in enumerate(lines))


def _decoded_line(line: bytes, width: int, *, is_last: bool) -> bytes:
    """Return a line's octets; question marks replace those that damage lost."""
    core = line.rstrip(b"=")
    places = [at for at, octet in enumerate(core) if octet not in _BASE64]
    if places:
        before = core[: places[0] // 4 * 4]
        behind = core[places[-1] + 1 :]
        # Groups of four are counted from the line's end, whatever was lost before it.
        behind = (
            behind[len(behind) % 4 :]
            if len(line) % 4 or len(line) != width
            else behind[-places[-1] - 1 & 3 :]
        )
        return _decoded_chunk(before) + b"???" + _decoded_chunk(behind)
    octets = _decoded_chunk(core)
    if len(line) == width or (is_last and len(line) % 4 == 0):
        return octets
    return bytes(octet if 32 <= octet < 127 or octet in b"\t\r\n" else 63 for octet in octets)


def _decoded_chunk(chunk: bytes) -> bytes:
    clean = chunk.replace(b"-", b"+").replace(b"_", b"/").translate(None, _NOT_BASE64)
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    return a2b_base64(clean + b"=" * (-len(clean) % 4))


def _split_plain_tail(body: bytes) -> tuple[bytes, bytes]:
    """Return the base64 and the plain text after it: mailing lists append a footer without encoding it."""
    lines = body.splitlines(keepends=True)
    plain = next((at for at, line in enumerate(lines) if not _may_be_base64(line)), len(lines))
    tail = b"".join(lines[plain:])
    share = len(tail.translate(None, _BASE64 + b"="))
    if plain and tail and share * 12 > len(tail) and not any(_is_long_base64(line) for line in lines[plain:]):
        return b"".join(lines[:plain]), tail
    return body, b""


def _may_be_base64(line: bytes) -> bool:
    stripped = line.strip()
    return not stripped.translate(None, _BASE64 + b"=") and not stripped.startswith(b"--")


def _is_long_base64(line: bytes) -> bool:
    return len(line) > 40 and _may_be_base64(line)


_NOT_BASE64 = bytes(octet for octet in range(256) if octet not in _BASE64)
_LINE_ENDS = str.maketrans("", "", "\t\r\n")
_SHORT, _LONGEST_WORD, _NARROWEST = 200, 30, 32


class Uuencoded(NamedTuple):
    """A file found in a text: its name, its content, and the position of its lines."""

    name: bytes
    content: bytes
    start: int
    end: int


_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)


def find_uuencoded(body: bytes) -> list[Uuencoded]:
    """Return the complete uuencoded files in a text, at most 50; one without valid lines or an `end` is text."""
    found: list[Uuencoded] = []
    at = 0
    # Limited, since each attempt may read the whole text (reference/threats-and-faults.md, threat 37).
    for _ in range(50):
        match = _UU_BEGIN.search(body, at)
        if match is None:
            break
        closing = body.find(b"\nend", match.end() - 1)
        if closing < 0:
            break
        content = _uu_lines(body[match.end() : closing])
        at = match.end()
        if content is not None:
            at = closing + 4
            found.append(Uuencoded(match[1].strip(), content, match.start(), at))
    return found


def _uu_signs(signs: bytes, wanted: int) -> bytes:
    """Return exactly the characters that a line needs, without stray ones and without a program's checksum."""
    if len(signs) > wanted:
        signs = (
            signs.translate(None, _NOT_UU)
            if signs[:wanted].translate(None, _NOT_UU) != signs[:wanted]
            else signs
        )
    return signs[:wanted].ljust(wanted)


_NOT_UU = bytes(octet for octet in range(256) if not 32 <= octet <= 96)
_MOST_STRAY = 3


def _uu_lines(block: bytes) -> bytes | None:
    out: list[bytes] = []
    for raw in block.split(b"\n"):
        line = raw.rstrip(b"\r")
        if not line or line[0] in b"` ":
            continue
        length = (line[0] - 32) & 63
        wanted = (length + 2) // 3 * 4
        if not 32 < line[0] < 97 or len(line) - 1 > wanted + _MOST_STRAY:
            return None
        try:
            out.append(a2b_uu(line[:1] + _uu_signs(line[1:], wanted)))
        except Base64Error:
            return None
    return b"".join(out) or None
