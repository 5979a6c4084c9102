"""Extracts the text, or the embedded HTML, of a rich text body (MS-OXRTFCP, MS-OXRTFEX).

Size and depth are limited, and it takes linear time; unknown control words are left out.
"""

import re
import struct
from dataclasses import dataclass, replace
from typing import NamedTuple

from banxway.providers.mail.parse.charsets.charsets import storable_text

MAX_RTF_BYTES = 1_000_000
"""Longer rich text is cut to this length."""

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain"
    b"\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SKIPPED = frozenset({
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"generator",
    b"listtable", b"listoverridetable", b"rsidtbl", b"themedata", b"datastore", b"latentstyles", b"xmlnstbl",
    b"fldinst", b"footnote", b"headerl", b"headerr", b"footerl", b"footerr", b"nonshppict", b"bkmkstart",
})  # fmt: skip
_BREAKS = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"tab": "\t",
    b"cell": "\t",
}
_SIGNS = {
    b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–",
    b"emdash": "—", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_ESCAPED = {b"~": "\xa0", b"_": "-", b"-": "", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_DEEPEST = 500


class RichText(NamedTuple):
    """A rich text body's HTML if it was made from HTML, else its text; "" for the other."""

    text: str
    html: str


def decompress(octets: bytes) -> bytes:
    """Return the rich text of a compressed body, cut at MAX_RTF_BYTES; b"" if it is not one."""
    if len(octets) < 16:
        return b""
    packed, unpacked = struct.unpack_from("<II", octets)
    kind = octets[8:12]
    end = min(len(octets), packed + 4)
    if kind == _PLAIN:
        return octets[16 : min(end, 16 + unpacked, 16 + MAX_RTF_BYTES)]
    if kind != _COMPRESSED:
        return b""
    return _unpacked(octets, end, min(unpacked, MAX_RTF_BYTES))


def _unpacked(octets: bytes, end: int, most: int) -> bytes:
    out = bytearray(_DICTIONARY)
    most += len(out)
    at = 16
    while at < end and len(out) < most:
        control = octets[at]
        at += 1
        for bit in range(8):
            if at >= end:
                break
            if not control >> bit & 1:
                out.append(octets[at])
                at += 1
                continue
            reference = int.from_bytes(octets[at : at + 2], "big")
            at += 2
            # An offset is a position in a ring of 4,096 octets; the position written next marks the end.
            back = (len(out) - (reference >> 4)) % 4096
            if not back or back > len(out):
                return bytes(out[len(_DICTIONARY) : most])
            for _ in range((reference & 15) + 2):
                out.append(out[-back])
    return bytes(out[len(_DICTIONARY) : most])


def read_rtf(octets: bytes) -> RichText:
    """Return the text or HTML of rich text. Never raises."""
    reader = _Reader(is_html=b"\\fromhtml" in octets[:2000])
    for token in _TOKEN.finditer(octets[:MAX_RTF_BYTES]):
        reader.take(token)
    text = storable_text(reader.finished())
    if reader.is_html:
        return RichText("", text)
    lines = [line.rstrip() for line in text.split("\n")]
    return RichText("\n".join(lines).strip(), "")


@dataclass(frozen=True, slots=True)
class _Group:
    is_skipped: bool = False
    is_markup: bool = False
    is_hidden: bool = False
    fallback: int = 1


class _Reader:
    def __init__(self, *, is_html: bool) -> None:
        self.is_html = is_html
        self.out: list[str] = []
        self.pending = bytearray()
        self.codec = "cp1252"
        self.group = _Group()
        self.outer: list[_Group] = []
        self.too_deep = 0
        self.star = False
        self.to_skip = 0

    def finished(self) -> str:
        self.flush()
        return "".join(self.out)

    def flush(self) -> None:
        if self.pending:
            self.out.append(self.pending.decode(self.codec, "replace"))
            self.pending.clear()

    def take(self, token: re.Match[bytes]) -> None:
        word, number, escaped, sign, brace, plain = token.groups()
        if brace:
            self.nest(brace)
        elif word:
            self.control(word, int(number) if number else None)
        elif escaped:
            self.octets(bytes([int(escaped, 16)]))
        elif sign == b"*":
            self.star = True
        elif sign:
            self.text(_ESCAPED.get(sign, ""))
        elif plain:
            self.octets(plain)

    def nest(self, brace: bytes) -> None:
        self.star = False
        self.to_skip = 0
        if brace == b"{":
            if len(self.outer) >= _DEEPEST:
                self.too_deep += 1
            else:
                self.outer.append(self.group)
        elif self.too_deep:
            self.too_deep -= 1
        elif self.outer:
            self.group = self.outer.pop()

    def shows(self) -> bool:
        return not self.group.is_skipped and (not self.group.is_hidden or self.group.is_markup)

    def octets(self, octets: bytes) -> None:
        self.star = False
        if self.to_skip:
            skipped = min(self.to_skip, len(octets))
            self.to_skip -= skipped
            octets = octets[skipped:]
        if self.shows():
            self.pending += octets

    def text(self, text: str) -> None:
        if self.to_skip and text:
            self.to_skip -= 1
        elif self.shows() and text:
            self.flush()
            self.out.append(text)

    def control(self, word: bytes, number: int | None) -> None:
        star, self.star = self.star, False
        if word == b"htmltag" and star and self.is_html:
            self.group = replace(self.group, is_markup=True)
        elif word == b"htmlrtf":
            self.group = replace(self.group, is_hidden=number != 0)
        elif (
            word in _SKIPPED
            or (star and word not in (b"shppict", b"fldrslt", b"mhtmltag"))
            or word == b"mhtmltag"
        ):
            self.group = replace(self.group, is_skipped=True)
        elif word == b"u":
            self.unicode(number or 0)
        elif word == b"uc":
            self.group = replace(self.group, fallback=max(0, min(number or 0, 10)))
        elif word == b"ansicpg":
            self.choose(number or 1252)
        elif word in _BREAKS or word in _SIGNS:
            self.word(word)

    def word(self, word: bytes) -> None:
        if self.is_html and word in (b"par", b"line"):
            self.text("\r\n")
        else:
            self.text(_BREAKS.get(word) or _SIGNS[word])

    def unicode(self, number: int) -> None:
        self.to_skip = 0
        self.text(chr(number % 65536))
        self.to_skip = self.group.fallback

    def choose(self, page: int) -> None:
        import codecs

        self.flush()
        try:
            self.codec = codecs.lookup("utf-8" if page == 65001 else f"cp{page}").name
        except LookupError:
            self.codec = "cp1252"
