"""FETCH: which parts of a message are requested, and how they are written (RFC 3501, 6.4.5 and 7.4.2)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from local.sandbox.mailbox.imap.wire import Bad, Token, text
from local.sandbox.mailbox.store import Stored

_MACROS = {"FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]}
_PLAIN = ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "MODSEQ")
_RFC822 = {"RFC822": "", "RFC822.HEADER": "HEADER", "RFC822.TEXT": "TEXT"}
_BODY = re.compile(r"BODY(\.PEEK)?\[(.*)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
_FIELDS = re.compile(r"HEADER\.FIELDS(\.NOT)? \((.*)\)", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """One item of a FETCH. `section`: "" for the whole message, HEADER, TEXT, HEADER.FIELDS (…), or None."""

    label: str
    section: str | None = None
    marks_seen: bool = False
    part: tuple[int, int] | None = None


def wanted_items(token: Token) -> list[Wanted]:
    """Return the items that a FETCH names. Raises Bad for what this server does not know."""
    words = [text(each) for each in (token if isinstance(token, list) else [token])]
    if len(words) == 1 and words[0].upper() in _MACROS:
        words = _MACROS[words[0].upper()]
    return [_wanted(word) for word in words]


def _wanted(word: str) -> Wanted:
    upper = word.upper()
    if upper in _PLAIN:
        return Wanted(upper)
    if upper in _RFC822:
        return Wanted(upper, _RFC822[upper], marks_seen=upper != "RFC822.HEADER")
    body = _BODY.fullmatch(word)
    if body is None or not _is_section(body[2]):
        raise Bad(f"unknown FETCH item {word}")
    part = (int(body[3]), int(body[4])) if body[3] else None
    label = f"BODY[{body[2].upper()}]" + (f"<{part[0]}>" if part else "")
    return Wanted(label, body[2].upper(), marks_seen=body[1] is None, part=part)


def _is_section(section: str) -> bool:
    return section.upper() in ("", "HEADER", "TEXT") or _FIELDS.fullmatch(section) is not None


def response(sequence: int, message: Stored, wanted: list[Wanted], raw: bytes | None) -> bytes:
    """Return one untagged FETCH response."""
    items = [_written(each, message, raw) for each in wanted]
    return b"* %d FETCH (%b)\r\n" % (sequence, b" ".join(items))


def _written(item: Wanted, message: Stored, raw: bytes | None) -> bytes:
    if item.section is not None:
        content = _section(item.section, raw or b"")
        if item.part:
            content = content[item.part[0] : item.part[0] + item.part[1]]
        return b"%b {%d}\r\n%b" % (item.label.encode(), len(content), content)
    values = {
        "UID": str(message.uid),
        "FLAGS": f"({' '.join(sorted(message.flags))})",
        "INTERNALDATE": f'"{_date(message.arrived_at)}"',
        "RFC822.SIZE": str(message.size),
        "MODSEQ": f"({message.modseq})",
    }
    return f"{item.label} {values[item.label]}".encode()


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d-%b-%Y %H:%M:%S +0000")


def _section(section: str, raw: bytes) -> bytes:
    if section == "":
        return raw
    header, separator, body = _split(raw)
    if section == "TEXT":
        return body
    if section == "HEADER":
        return header + separator
    fields = _FIELDS.fullmatch(section)
    names = {each.strip('"').lower().encode() for each in (fields[2].split() if fields else [])}
    leave_out = bool(fields and fields[1])
    chosen = [
        each
        for each in _header_fields(header)
        if (each.partition(b":")[0].strip().lower() in names) != leave_out
    ]
    return b"".join(chosen) + b"\r\n"


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Return header, blank line and body; the header keeps its last line end."""
    for blank in (b"\r\n\r\n", b"\n\n"):
        header, found, body = raw.partition(blank)
        if found:
            half = blank[: len(blank) // 2]
            return header + half, half, body
    return raw, b"", b""


def _header_fields(header: bytes) -> list[bytes]:
    """Return the header's fields, each with its continuation lines."""
    fields: list[bytes] = []
    for line in header.splitlines(keepends=True):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += line
        else:
            fields.append(line)
    return fields
