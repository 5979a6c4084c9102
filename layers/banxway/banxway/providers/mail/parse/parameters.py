"""Parses `value; name=value` headers such as Content-Type, by RFC 2231 and as programs really write them."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from banxway.providers.mail.parse.charsets.charsets import decode
from banxway.providers.mail.parse.charsets.encoded_words import decode_header

_AROUND = " \t\r\n\"'"
_HARD_TO_END = re.compile(r"[\s,=(]")
_MAIN = re.compile(r"[^\s,;=(\"']*(?:\s*/\s*[^\s,;=(\"']+)?")
_COMMENTS = re.compile(r"(?:\s*\([^()]*\))+")
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")
_MAX_PARAMETERS = 400
_MAY_CONTAIN_SPACES = ("filename", "name", "title")


def read_value(value: bytes) -> tuple[str, dict[str, str]]:
    """Return the value in lower case, and its decoded parameters by lower-case name.

    The first parameter of a name wins. Accepts a comma or nothing instead of a semicolon, also after the value
    itself, parameters without a value before them, unquoted spaces in file names, raw 8-bit text, encoded words,
    and RFC 2231 continuations in any order.
    """
    main, _, rest = value.decode("latin-1").partition(";")
    main = main.strip(_AROUND)
    if _HARD_TO_END.search(main):
        main, rest = _loosely_ended(value.decode("latin-1"))
    main = main.lower()
    if not rest:
        return main, {}
    pairs = _pairs(rest)
    if "*" in rest:
        return main, _joined(pairs)
    if value.isascii() and "=?" not in rest:
        return main, dict(reversed(pairs))
    return main, {name: _decoded(raw) for name, raw in reversed(pairs)}


def _loosely_ended(text: str) -> tuple[str, str]:
    """Return a value that a blank, a comma or a comment ends, or that is missing, and the text of its parameters."""
    text = text.lstrip(_AROUND + ",;")
    comments = _COMMENTS.match(text)
    text = text[comments.end() :].lstrip(_AROUND) if comments else text
    found = _MAIN.match(text)
    end = found.end() if found else 0
    rest = text[end:]
    if rest.lstrip(" \t").startswith("="):
        return "", text
    comments = _COMMENTS.match(rest)
    rest = rest[comments.end() :] if comments else rest
    return "".join(text[:end].split()), rest.lstrip(_AROUND + ",")


def read_content_type(value: bytes, default: str) -> tuple[str, dict[str, str]]:
    """Parse a Content-Type; one that is not `type/subtype` counts as the default (RFC 2045, 5.2)."""
    content_type, parameters = _remembered(value) if len(value) < 60 else read_value(value)
    major, slash, minor = content_type.partition("/")
    return content_type if slash and major and minor.strip("/") else default, parameters


@lru_cache(maxsize=500)
def _remembered(value: bytes) -> tuple[str, dict[str, str]]:
    """Cache the few short values that nearly all parts have. No caller may modify the result."""
    return read_value(value)


def _pairs(rest: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(rest) and len(pairs) < _MAX_PARAMETERS:
        equals, semicolon = rest.find("=", at), rest.find(";", at)
        if equals < 0:
            break
        if 0 <= semicolon < equals:
            at = semicolon + 1
            continue
        name = rest[at:equals].strip(" \t\r\n,").lower()
        value, at = _quoted(rest, equals + 1) or _bare(rest, equals + 1, name)
        if name:
            pairs.append((name, value))
    return pairs


def _quoted(rest: str, at: int) -> tuple[str, int] | None:
    while at < len(rest) and rest[at] in " \t":
        at += 1
    if at >= len(rest) or rest[at] != '"':
        return None
    end = rest.find('"', at + 1)
    while end > 0 and _is_escaped(rest, end):
        end = rest.find('"', end + 1)
    if end < 0:
        end = len(rest)
    raw = rest[at + 1 : end]
    # A backslash before anything except a quote or a backslash is of a Windows path, which is left unchanged.
    raw = raw.replace('\\"', '"').replace("\\\\", "\\") if "\\" in raw else raw
    following = rest[end + 1 : end + 2]
    return raw, end + 2 if following == ";" else end + 1


def _is_escaped(text: str, at: int) -> bool:
    slashes = 0
    while slashes < 64 and text[at - 1 - slashes] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _bare(rest: str, at: int, name: str) -> tuple[str, int]:
    end = rest.find(";", at)
    end = len(rest) if end < 0 else end
    value = rest[at:end].strip()
    if " " in value and not name.startswith(_MAY_CONTAIN_SPACES):
        first = value.split(None, 1)[0]
        return first.rstrip(","), rest.index(first, at) + len(first)
    return value, end + 1


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    plain: dict[str, str] = {}
    for name, raw in pairs:
        match = _SECTION.match(name)
        if match is None or (match[2] is None and match[3] is None):
            plain.setdefault(name, _decoded(raw))
        else:
            sections.setdefault(match[1], {}).setdefault(int(match[2] or 0), (raw, bool(match[3])))
    # The extended form wins over the plain one, which is sent with it for older programs (RFC 5987, 4.2).
    return plain | {name: _extended(numbered) for name, numbered in sections.items()}


def _extended(numbered: dict[int, tuple[str, bool]]) -> str:
    ordered = [numbered[number] for number in sorted(numbered)]
    charset, octets = "", b""
    if ordered[0][1] and ordered[0][0].count("'") >= 2:
        charset, _, first = ordered[0][0].split("'", 2)
        ordered[0] = (first, True)
    pieces = [unquote_to_bytes(raw) if encoded else raw.encode("latin-1") for raw, encoded in ordered]
    octets = b"".join(pieces)
    if b"=?" in octets:
        return decode_header(octets, charset or None)
    return decode(octets, charset or None).text


def _decoded(raw: str) -> str:
    if raw.isascii() and "=?" not in raw:
        return raw
    return decode_header(raw.encode("latin-1"), None)
