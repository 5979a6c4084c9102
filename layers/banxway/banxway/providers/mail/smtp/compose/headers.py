"""Writes header lines so that a reader gets back exactly the given text, and no text can add a header.

Python's own email package decodes what looks like an encoded word while it writes: a subject such as
`=?utf-8?q?a=0D=0ABcc:_x?=` becomes two headers (reference/threats-and-faults.md, threat 24). So every text that is
not plain, or that looks encoded, is encoded here (RFC 2047, 2231), and plain text is only folded.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

from banxway.errors import ValidationFailed
from banxway.providers.mail.transport import refuse_control_characters

LONGEST_LINE = 998
"""The most characters of a line, without its CRLF (RFC 5322, 2.1.1)."""

_FOLD_AT = 76
_ODD_CONTROLS = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029]")
# Characters that reorder or hide letters, so that a name looks like another one.
_DECEIVING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ENCODED_WORD_BYTES = 45  # 60 characters of base64: with its frame 72 of the 75 allowed (RFC 2047, 2)
_PARAMETER_PIECE = 60
_LONGEST_FILE_NAME = 200
_PLAIN = re.compile("[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")


def one_line(field: str, text: str) -> str:
    """Return text on one line. Raises ValidationFailed, naming the field, for CR, LF and NUL.

    Other control characters and separators become spaces: they break no header, but some programs take them for
    line ends.
    """
    refuse_control_characters(field, text)
    return _ODD_CONTROLS.sub(" ", text).encode("utf-8", "replace").decode().strip()


def text_header(name: str, text: str) -> str:
    """Return a header of free text, encoded if it is not plain; ends with CRLF."""
    if _is_plain(text):
        folded = "\r\n ".join(_lines(text, first=_FOLD_AT - len(name) - 2))
        if all(len(line) < LONGEST_LINE - len(name) - 2 for line in folded.split("\r\n")):
            return f"{name}: {folded}\r\n"
    return f"{name}: " + "\r\n ".join(_encoded_words(text)) + "\r\n"


def token_header(name: str, *tokens: str) -> str:
    """Return a header of tokens that must stay whole, such as message ids and addresses, each on its own line."""
    return f"{name}: " + "\r\n ".join(tokens) + "\r\n"


def mailbox(address: str, display_name: str) -> str:
    """Return an address with its display name, as From has it (RFC 5322, 3.4)."""
    if not display_name:
        return address
    if not _is_plain(display_name) or len(display_name) > _FOLD_AT:
        return "\r\n ".join([*_encoded_words(display_name), f"<{address}>"])
    if _ATOMS.fullmatch(display_name):
        return f"{display_name} <{address}>"
    escaped = display_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def file_name_parameter(field: str, name: str) -> str:
    """Return `; filename=…` for Content-Disposition, encoded by RFC 2231 if it is not plain ASCII.

    Raises ValidationFailed, naming the field, for CR, LF and NUL; characters that deceive a reader are left out.
    """
    shown = _DECEIVING.sub("", one_line(field, name))[:_LONGEST_FILE_NAME].strip() or "attachment"
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    if _is_plain(shown) and len(escaped) < _FOLD_AT - len(' filename=""'):
        return f';\r\n filename="{escaped}"'
    pieces = list(_percent_pieces(shown))
    if len(pieces) == 1:
        return f";\r\n filename*=utf-8''{pieces[0]}"
    numbered = (
        f";\r\n filename*{number}*={'' if number else chr(39).join(('utf-8', '', ''))}{piece}"
        for number, piece in enumerate(pieces)
    )
    return "".join(numbered)


def reserved_header_error(name: str) -> ValidationFailed:
    """Return the error for a header that only we may write."""
    return ValidationFailed(f"The header {name[:80]!r} cannot be set", field="headers")


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and "=?" not in text


def _lines(text: str, *, first: int) -> Iterator[str]:
    """Yield the text cut at single spaces between words, so that unfolding restores it exactly."""
    line, room = "", first
    for word in re.split(r"(?<=[^ ]) (?=[^ ])", text):
        if line and len(line) + 1 + len(word) > room:
            yield line
            line, room = word, _FOLD_AT
        else:
            line = f"{line} {word}" if line else word
    yield line


def _encoded_words(text: str) -> Iterator[str]:
    for piece in _pieces(text, most_bytes=_ENCODED_WORD_BYTES):
        yield f"=?utf-8?b?{b64encode(piece.encode()).decode()}?="


def _percent_pieces(text: str) -> Iterator[str]:
    for piece in _pieces(text, most_bytes=_PARAMETER_PIECE // 3):
        yield quote(piece, safe="")


def _pieces(text: str, *, most_bytes: int) -> Iterator[str]:
    """Yield the text in pieces of whole characters (RFC 2047, 5: no character is split between encoded words)."""
    piece, size = "", 0
    for character in text:
        length = len(character.encode())
        if size + length > most_bytes:
            yield piece
            piece, size = "", 0
        piece += character
        size += length
    if piece:
        yield piece
