"""Parses address headers as people and broken programs write them, in linear time."""

import re
from contextlib import suppress

from banxway.models.mail import Address
from banxway.providers.mail.parse.charsets.charsets import in_utf8
from banxway.providers.mail.parse.charsets.encoded_words import decode_header

_MAX_ADDRESSES = 2000
_LONGEST_ADDRESS, _LONGEST_LOCAL = 320, 64
_NO_DOMAIN = "invalid"
_STRUCTURED = re.compile(r"[,;:(\"\\]")
_UNUSUAL = frozenset("\"\\();:'[]\x00\x1b\x7f")
_Q_WORD = re.compile(r"=\?[^?\s<>\"]{1,64}\?[qQ]\?([^?<>\"]*)\?=")
_SIGN_IN_WORD = re.compile(r"[,;:()@\\]")
_PLAIN = r"([A-Za-z0-9._%+=/?^{}|~!#$&*-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,240})(?<![.-])"
_USUAL = re.compile(rf"[ \t]*(?:([^<>@,\x00-\x1f]*)<{_PLAIN}>|{_PLAIN})[ \t]*")
_SIGNS = re.compile(r'\\.|[",;:()<>]', re.DOTALL)
_QUOTES = "\"'‘’“”"
_FORBIDDEN = frozenset(' \t\r\n<>"(),:;[]\\\x00\x7f')


def read_addresses(value: bytes, charset: str | None = None) -> list[Address]:
    """Return every address of a field, in order, at most 2,000; items without an address are left out.

    Handles groups, comments, quoted names and local parts, missing brackets, semicolons as separators, source
    routes and internationalised domains. A display name never adds an address: `"a@x" <b@y>` is b@y.
    """
    if not value:
        return []
    if not value.isascii() or b"\x1b" in value:
        value, charset = in_utf8(value, charset)
    text = value.decode("latin-1")
    if "=?" in text:
        text = _Q_WORD.sub(_without_signs, text)
    if text.isascii():
        usual = _usual(text, charset)
        if usual:
            return usual
    if not _STRUCTURED.search(text):
        found = _read_one(text, charset)
        return [found] if found else []
    out: list[Address] = []
    for item in _items(text):
        found = _read_one(item, charset)
        if found:
            out.append(found)
        if len(out) >= _MAX_ADDRESSES:
            break
    return out


def read_nameless(value: bytes, charset: str | None = None) -> Address | None:
    """Return an address for a field with a name and an incomplete address: `local@invalid`, which nobody can have.

    The domain is reserved (RFC 2606). Scanners and printers write such fields. Returns None without a local part,
    as in `MAILER-DAEMON <>`.
    """
    text = decode_header(value[:2000], charset)
    before, angle, inside = text.rpartition("<")
    local = (inside if angle else text).partition(">")[0].strip(" \t\"'@").lower()
    name = before.strip(" \t\"'")[:300]
    is_word = 0 < len(local) <= _LONGEST_LOCAL and local.isprintable() and _FORBIDDEN.isdisjoint(local)
    if not angle or not name or not is_word or "@" in local:
        return None
    return Address(f"{local}@{_NO_DOMAIN}", name)


def _without_signs(word: re.Match[str]) -> str:
    """Encode the punctuation inside an encoded word, where it is not structure (RFC 2047, section 5)."""
    return _SIGN_IN_WORD.sub(lambda sign: f"={ord(sign[0]):02X}", word[0])


def _usual(text: str, charset: str | None) -> list[Address] | None:
    """Return the addresses of the usual form, `Name <a@b>` or `a@b` between commas; None for any other form."""
    if not _UNUSUAL.isdisjoint(text):
        return None
    found: list[Address] = []
    for item in text.split(",") if "," in text else (text,):
        match = _USUAL.fullmatch(item)
        if match is None or len(item) > 900 or len(found) >= _MAX_ADDRESSES:
            return None
        name = (match[1] or "").strip()
        if "=?" in name:
            name = decode_header(name.encode(), charset).strip().strip('"').strip()
        found.append(Address((match[2] or match[3]).lower(), name[:300]))
    return found


def _items(text: str) -> list[str]:
    """Split at commas and semicolons outside quotes, comments and angle brackets; group names are left out."""
    items: list[str] = []
    start, comments, enclosing = 0, 0, ""
    for match in _SIGNS.finditer(text):
        sign, at = match[0], match.start()
        if enclosing == '"' or (sign == '"' and not comments):
            enclosing = _toggled(enclosing, sign)
        elif sign in "()":
            comments = comments + 1 if sign == "(" else max(comments - 1, 0)
        elif comments or len(sign) > 1:
            continue
        elif sign in "<>":
            enclosing = "<" if sign == "<" else ""
        elif not enclosing and (sign in ",;" or _ends_group_name(text[start:at])):
            if sign != ":":
                items.append(text[start:at])
            start = at + 1
    items.append(text[start:])
    if (enclosing or comments) and len(items) == 1 and "," in text:
        # An unclosed quote or bracket would make the list one item: split it as if there were none.
        return text.replace(";", ",").split(",")
    return items


def _toggled(enclosing: str, sign: str) -> str:
    if sign != '"':
        return enclosing
    return "" if enclosing == '"' else '"'


def _ends_group_name(text: str) -> bool:
    return len(text) < 200 and "@" not in text and text.strip().lower() != "mailto"


def _read_one(item: str, charset: str | None) -> Address | None:
    opening = item.rfind("<")
    if opening >= 0:
        closing = item.find(">", opening)
        inside = item[opening + 1 : closing if closing >= 0 else len(item)]
        email = _email(_without_space(inside))
        if email:
            return Address(
                email, _name(item[:opening].rstrip("<") or item[closing + 1 :] * (closing >= 0), charset)
            )
    bare, comment = _without_comments(item)
    email = _email(bare)
    if email:
        return Address(email, _name(comment, charset))
    for word in bare.replace("<", " ").replace(">", " ").split():
        email = _email(word.strip("\"'"))
        if email:
            return Address(
                email, _name(bare.replace(word, " ", 1).replace("<", "").replace(">", ""), charset)
            )
    if "=?" in item and "@" not in item:
        decoded = decode_header(item.encode("latin-1"), charset)
        return _read_one(decoded.encode("utf-8").decode("latin-1"), "utf-8") if "=?" not in decoded else None
    return None


def _without_space(text: str) -> str:
    """Return an address without the white space that obsolete syntax allows around its dots (RFC 5322, 4.4)."""
    if '"' in text or "." not in text or len(text) > _LONGEST_ADDRESS:
        return text
    return ".".join(piece.strip() for piece in text.split("."))


def _without_comments(item: str) -> tuple[str, str]:
    if "(" not in item:
        return item, ""
    kept, comment, depth = [], [], 0
    for sign in item:
        if sign == "(":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif depth:
            comment.append(sign)
        else:
            kept.append(sign)
    return "".join(kept), "".join(comment)


def _email(text: str) -> str:
    """Return the address that a text is, in canonical form, or "" if it is not an address."""
    text = _as_utf8(text.strip().strip("'"))
    if "(" in text:
        text = _without_comments(text)[0].strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    local, at, domain = text.rpartition("@")
    if not at or len(text) > 320:
        return ""
    local, domain = local.strip(), domain.strip().strip(".")
    if local.startswith('"') and local.endswith('"') and len(local) > 2:
        inner = local[1:-1].replace("\\", "")
        is_plain = _FORBIDDEN.isdisjoint(inner) and "@" not in inner
        local = inner if is_plain else f'"{inner.replace(chr(34), "")}"'
        # RFC 5321 allows these in quotes; in practice only attacks use them.
        if not inner.isprintable() or not set("<>,;").isdisjoint(inner):
            return ""
    elif not _FORBIDDEN.isdisjoint(local) or "@" in local:
        return ""
    return _joined(local, domain)


def _joined(local: str, domain: str) -> str:
    if not local or not domain or not (local + domain).isprintable():
        return ""
    is_literal = domain.startswith("[") and domain.endswith("]")
    if not _FORBIDDEN.isdisjoint(domain[1:-1].replace(":", "") if is_literal else domain):
        return ""
    if not domain.isascii():
        # Each domain gets one spelling, and this one reveals look-alike letters.
        with suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}".lower()


def _as_utf8(text: str) -> str:
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _name(text: str, charset: str | None) -> str:
    text = text.strip()
    if not text:
        return ""
    if "(" in text and '"' not in text:
        bare, comment = _without_comments(text)
        text = bare.strip() or comment
    if "\\" in text:
        text = text.replace('\\"', '"').replace("\\\\", "\\")
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        text = text[1:-1]
    name = decode_header(text.encode("latin-1", "replace"), charset)
    return name.strip().strip('"').strip()[:300]
