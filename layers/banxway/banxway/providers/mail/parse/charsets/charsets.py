"""Turns octets into text, by the charset that a mail declares or by what the octets prove (reference/mail.md, 4).

    byte order mark -> ISO-2022 escapes -> UTF-8 -> declared, strictly -> named inside, strictly
        -> declared or UTF-8, with replacements -> what the letters look like (`guess.py`) -> Windows-1252

Octets that are valid UTF-8 are read as UTF-8 even if a one-byte charset is declared: such text practically never
occurs by accident. Nothing here raises, and no text is ever dropped.
"""

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from banxway.providers.mail.parse.charsets.iso2022jp import (
    decode_iso2022cn,
    decode_iso2022jp,
    is_iso2022cn,
    looks_like_iso2022jp,
)

_ALIASES = {
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "ks_c_5601_1987": "cp949",
    "euc-kr": "cp949", "euckr": "cp949", "korean": "cp949", "windows-949": "cp949", "x-windows-949": "cp949",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "euc-cn": "gb18030",
    "gb-2312": "gb18030", "gb_2312": "gb18030", "gb18030-2000": "gb18030", "chinese": "gb18030",
    "hz-gb-2312": "hz", "big5": "cp950", "big-5": "cp950", "x-x-big5": "cp950", "big5-eten": "cp950",
    "big5-hkscs": "big5hkscs", "x-sjis": "cp932", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "windows-31j": "cp932", "ms_kanji": "cp932", "x-ms-cp932": "cp932", "x-euc-jp": "euc_jp",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "",
    "ascii": "", "iso_8859-1": "cp1252", "ansi_x3.4-1968": "", "x-ansi": "cp1252", "ansi": "cp1252",
    "windows1252": "cp1252", "cp-1252": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874",
    "tis-620": "cp874", "windows-874": "cp874", "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-i": "iso8859_6", "unicode-1-1-utf-7": "utf_7", "x-unicode-2-0-utf-7": "utf_7",
    "unicode-1-1-utf-8": "utf_8", "utf8": "utf_8", "utf-8": "utf_8", "x-utf-8": "utf_8", "utf_8": "utf_8",
    "utf8mb4": "utf_8", "unicode": "utf_16", "ucs-2": "utf_16", "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "koi8": "koi8_r", "koi": "koi8_r",
    "koi8-ru": "koi8_u", "x-cp1250": "cp1250", "x-cp1251": "cp1251", "win-1251": "cp1251",
    "x-cp1252": "cp1252", "eucjp-ms": "euc_jp", "cp51932": "euc_jp", "x-eucjp-ms": "euc_jp", "eucjp": "euc_jp",
    "x-mac-ce": "mac_latin2", "x-mac-centraleurroman": "mac_latin2", "x-mac-greek": "mac_greek",
    "x-mac-turkish": "mac_turkish", "x-mac-icelandic": "mac_iceland", "x-mac-croatian": "mac_croatian",
    "x-mac-romanian": "mac_romanian", "x-mac-arabic": "mac_arabic", "x-mac-japanese": "cp932",
    "x-mac-korean": "cp949", "x-mac-chinesesimp": "gb18030", "x-mac-chinesetrad": "cp950", "x-mac-thai": "cp874",
    "x-mac-ukrainian": "mac_cyrillic", "cp50220": "iso2022_jp", "cp50221": "iso2022_jp", "cp50222": "iso2022_jp",
    "x-windows-iso2022jp": "iso2022_jp", "iso-2022-jp-ms": "iso2022_jp", "x-windows-932": "cp932",
    "x-ibm943c": "cp932", "x-windows-950": "cp950", "cp936": "gb18030", "windows-936": "gb18030",
    "x-windows-936": "gb18030", "x-iso-8859-1": "cp1252", "iso8859_1": "cp1252", "iso-latin-1": "cp1252",
    "windows-1250-1": "cp1250", "win1251": "cp1251", "cp-1251": "cp1251", "windows1251": "cp1251",
    "win-1252": "cp1252", "win1252": "cp1252", "win-1250": "cp1250", "dos-866": "cp866", "ibm-866": "cp866",
    "x-cp866": "cp866", "x-koi8-r": "koi8_r", "x-koi8-u": "koi8_u", "x-tis620": "cp874", "thai": "cp874",
    "iso-8859-1-windows-3.1-latin-1": "cp1252", "utf-8-mac": "utf_8", "utf8mb3": "utf_8", "utf-8n": "utf_8",
    "x-roman8": "hp_roman8", "ks-c-5601-1987": "cp949", "x-johab": "johab", "x-user-defined": "",
    "ucs-4": "utf_32", "ucs2": "utf_16", "unicodefffe": "utf_16_be", "us_ascii": "", "usascii": "",
    "ansi_x3.4-1986": "",
    "iso646-us": "", "7bit": "", "x-us-ascii": "", "utf": "utf_8", "utf-88": "utf_8", "charset=utf-8": "utf_8",
    "": "", "unknown-8bit": "", "x-unknown": "", "unknown": "",
    "default": "", "none": "", "binary": "", "8bit": "",
}  # fmt: skip
_BOMS = (
    (codecs.BOM_UTF8, "utf_8_sig"),
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)
_NAMED_IN_HTML = re.compile(
    rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_WESTERN_IN_UTF8 = re.compile(rb"((?:[\xc2\xc3][\x80-\xbf]|\xe2\x80[\x90-\xa6]|\xe2\x82\xac)+)")
_WITHIN_A_WORD = re.compile(r"[a-z][^\x00-\x7f]|[^\x00-\x7f][a-z]")
# Codecs of Python that are not charsets; a mail must not choose them.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined", "mbcs", "oem", "palmos"}
)
_SEVEN_BIT = frozenset(
    {
        "utf-7", "hz", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "iso2022_jp",
        "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr",
    }
)  # fmt: skip
_WIDER = {"cp950": "big5hkscs", "euc_jp": "euc_jis_2004", "cp932": "shift_jis_2004", "cp949": "johab"}
"""Supersets of charsets, which some senders use under the narrower name."""
_MANY_BYTES = frozenset(
    {"gb18030", "cp949", "cp950", "big5hkscs", "cp932", "euc_jp", "iso2022_jp", "iso2022_kr", "johab"}
)


class Decoded(NamedTuple):
    """Text, and a sentence if it was not read as declared ("" if it was)."""

    text: str
    repair: str = ""


def decode(octets: bytes, declared: str | None, *, inner: str = "") -> Decoded:
    """Decode text; `declared` is the charset that a sender named, in any spelling, or None.

    `inner` is the charset that the text itself names, as HTML does; it is used if the other is missing or wrong.
    """
    codec = codec_for(declared)
    if octets.isascii() and b"\x1b" not in octets and codec not in _SEVEN_BIT:
        text = octets.decode("ascii")
        return Decoded(text.replace("\x00", "") if "\x00" in text else text)
    for mark, marked_codec in _BOMS:
        if octets.startswith(mark):
            return Decoded(storable_text(octets.decode(marked_codec, "replace")))
    if looks_like_iso2022jp(octets):
        repair = "" if codec.startswith("iso2022") else _other(declared, "ISO-2022-JP")
        return Decoded(storable_text(decode_iso2022jp(octets)), repair)
    if is_iso2022cn(octets):
        return Decoded(storable_text(decode_iso2022cn(octets)))
    return _declared_or_found(octets, declared, codec, inner)


def in_utf8(octets: bytes, declared: str | None) -> tuple[bytes, str | None]:
    """Return a field's raw 8-bit octets, in UTF-8 if they are valid in the mail's charset, and their charset.

    In UTF-8 no octet of a letter looks like a backslash or a quote, as in Shift_JIS, Big5 and ISO-2022-JP.
    """
    if b"\x1b" in octets and looks_like_iso2022jp(octets):
        return storable_text(decode_iso2022jp(octets)).encode(), "utf-8"
    codec = codec_for(declared)
    if codec in ("", "utf-8") or codec in _SEVEN_BIT or octets.isascii() or _is_surely_utf8(octets, codec):
        return octets, declared
    for tried in (codec, _WIDER.get(codec, codec)):
        text = _strictly(octets, tried)
        if text is not None:
            return storable_text(text).encode(), "utf-8"
    return octets, declared


def _is_surely_utf8(octets: bytes, codec: str) -> bool:
    """Return whether octets are UTF-8 and not the other charset by chance.

    Two octets may be a letter in both, unless the letter is inside a Latin word; three octets hardly ever are.
    """
    text = _strictly(octets, "utf-8")
    if text is None or codec not in _MANY_BYTES:
        return text is not None
    return max(text) >= "\u0800" or _WITHIN_A_WORD.search(text) is not None


def codec_for(declared: str | None) -> str:
    """Return the codec's canonical name for a sender's spelling; "" for an unknown charset or none."""
    return _codec_named(declared[:80]) if declared else ""


def named_in_html(octets: bytes) -> str:
    """Return the charset that HTML names in its first 3,000 octets, or ""."""
    found = _NAMED_IN_HTML.search(octets[:3000])
    return found[1].decode("ascii") if found else ""


def is_wide(declared: str | None) -> bool:
    """Return whether the charset is UTF-16 or UTF-32, in which single octets have no meaning."""
    return codec_for(declared).startswith(("utf-16", "utf-32"))


@lru_cache(maxsize=500)
def _codec_named(declared: str) -> str:
    name = declared.strip().strip("\"'<>;,").lower()
    known = _ALIASES.get(name)
    if known == "":
        return ""
    try:
        found = codecs.lookup((known or name)[:40])
    except (LookupError, ValueError, UnicodeError):
        return ""
    is_text = getattr(found, "_is_text_encoding", True)
    return "" if not is_text or found.name.replace("-", "_") in _NOT_CHARSETS else found.name


def _declared_or_found(octets: bytes, declared: str | None, codec: str, inner: str) -> Decoded:
    if codec.startswith(("utf-16", "utf-32")):
        return _wide(octets, declared, codec)
    if codec in ("utf-7", "hz"):
        text = _strictly(octets, codec)
        if text is not None:
            return Decoded(storable_text(text))
    utf8 = _strictly(octets, "utf-8")
    if utf8 is not None and (codec not in _MANY_BYTES or _count_high(octets) >= 12):
        is_declared = codec in ("utf-8", "") or octets.isascii()
        return Decoded(storable_text(utf8), "" if is_declared else _other(declared, "UTF-8"))
    # A charset that is named in single-octet letters cannot be a wide one (HTML standard, prescan of a byte stream).
    within = "" if is_wide(inner) else codec_for(inner)
    for tried in (codec, within, _WIDER.get(codec, "")):
        if tried and tried != "utf-8":
            text = _strictly(octets, tried)
            if text is not None:
                return Decoded(
                    storable_text(text), "" if tried == codec or not codec else _other(declared, tried)
                )
    if utf8 is not None:
        return Decoded(storable_text(utf8), _other(declared, "UTF-8"))
    return _damaged(octets, declared, codec)


def _damaged(octets: bytes, declared: str | None, codec: str) -> Decoded:
    from banxway.providers.mail.parse.charsets.guess import guess_charset

    if codec == "utf-8" or not codec:
        if _is_mostly_utf8(octets):
            return Decoded(
                storable_text(octets.decode("utf-8", _FOREIGN_AS_CP1252)), _loss(declared or "UTF-8")
            )
    elif codec:
        text = octets.decode(codec, "replace")
        if text.count("\ufffd") * 20 <= len(octets):
            # cp1252 leaves five octets undefined; everything else that fails here is damage.
            return Decoded(storable_text(text), _loss(declared or codec))
    guessed = guess_charset(octets) or "cp1252"
    text = _decode_western(octets) if guessed == "cp1252" else octets.decode(guessed, "replace")
    if not codec:
        named = f"declares the unknown charset {_shown(declared)!r}" if declared else "declares no charset"
        return Decoded(storable_text(text), f"The text {named}; it was read as {guessed}.")
    return Decoded(storable_text(text), _other(declared, guessed))


def _decode_western(octets: bytes) -> str:
    """Decode cp1252 in which a relay or a signature inserted a part in UTF-8.

    Only UTF-8 of Western letters and signs counts as UTF-8; other valid UTF-8 is two cp1252 letters by chance.
    """
    pieces = _WESTERN_IN_UTF8.split(octets)
    if len(pieces) == 1:
        return octets.decode("cp1252", "replace")
    return "".join(
        piece.decode("utf-8" if at % 2 else "cp1252", "replace") for at, piece in enumerate(pieces)
    )


def _wide(octets: bytes, declared: str | None, codec: str) -> Decoded:
    """Decode UTF-16 or UTF-32 without a byte order mark; many mails that declare it are single-byte text."""
    if b"\x00" not in octets[:4096] and _strictly(octets, "utf-8") is not None:
        return Decoded(storable_text(octets.decode("utf-8")), _other(declared, "UTF-8"))
    if codec == "utf-16":
        even, odd = octets[:4096:2].count(0), octets[1:4096:2].count(0)
        codec = "utf-16-be" if even > odd else "utf-16-le"
    return Decoded(storable_text(octets.decode(codec, "replace")))


def _strictly(octets: bytes, codec: str) -> str | None:
    try:
        return octets.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _is_mostly_utf8(octets: bytes) -> bool:
    text = octets[:65536].decode("utf-8", "replace")
    unreadable = text.count("\ufffd")
    sound = len(text) - unreadable - sum(character < "\x80" for character in text)
    return sound >= unreadable


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    # A cut character becomes one replacement character; a lone octet is a letter of cp1252.
    if error.end - error.start > 1 or error.end >= len(error.object):
        return "\ufffd", error.end
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_FOREIGN_AS_CP1252 = "banxway.foreign_as_cp1252"
codecs.register_error(_FOREIGN_AS_CP1252, _as_cp1252)


def _count_high(octets: bytes) -> int:
    sample = octets[:4096]
    return len(sample) - len(sample.translate(None, bytes(range(128, 256))))


def storable_text(text: str) -> str:
    """Return text without NUL and lone surrogates, which neither the database nor JSON accepts."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _other(declared: str | None, found: str) -> str:
    if not declared:
        return ""
    return f"The text is declared as {_shown(declared)} but is {found}; it was read as {found}."


def _loss(charset: str) -> str:
    return f"Some characters of the text are damaged and not valid {_shown(charset)}; they were replaced."


def _shown(charset: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in charset[:40])
