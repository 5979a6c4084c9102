"""Finds the end of a header block and parses its fields, without giving up on a bad one."""

from typing import NamedTuple

from banxway.providers.mail.parse.part import Headers

_NAME_CHARACTERS = bytes(range(33, 58)) + bytes(range(59, 127))
_WELL_KNOWN = (
    b"from", b"to", b"subject", b"date", b"message-id", b"received", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"content-disposition", b"reply-to", b"references", b"in-reply-to",
)  # fmt: skip
_USUAL = (
    b"Received", b"Return-Path", b"Delivered-To", b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID",
    b"Message-Id", b"References", b"In-Reply-To", b"Reply-To", b"Sender", b"MIME-Version", b"Mime-Version",
    b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition", b"Content-ID", b"Content-Id",
    b"Content-Language", b"DKIM-Signature", b"Received-SPF", b"Authentication-Results", b"ARC-Seal",
    b"ARC-Message-Signature", b"ARC-Authentication-Results", b"X-Mailer", b"User-Agent", b"Thread-Index",
    b"Thread-Topic", b"List-Id", b"List-Unsubscribe", b"Auto-Submitted", b"Precedence", b"X-Priority",
    b"X-Received", b"X-Google-Smtp-Source", b"X-Google-DKIM-Signature", b"X-Gm-Message-State",
)  # fmt: skip
_SPELLINGS = {spelling: spelling.lower() for spelling in _USUAL}
USUAL_NAMES = frozenset(_SPELLINGS.values())
"""Field names that most mails have, in lower case."""


_MOST_LINES_BEFORE = 40


class HeaderBlock(NamedTuple):
    """A block's fields, where the body starts, and what was wrong with the block ("" if nothing was).

    `is_folded` is true if the only fault was lines that were folded without an indent.
    """

    fields: Headers
    body_start: int
    anomaly: str
    was_cut: bool
    ordered: list[tuple[bytes, bytes]]
    is_folded: bool = False


def read_headers(raw: bytes, start: int, end: int, *, max_bytes: int) -> HeaderBlock:
    """Parse the block that starts at `start`; a line that is not a field continues the one before it.

    Only the first `max_bytes` of a longer block are parsed; the start of the body is found anyway.
    """
    block_end, body_start = _bounds(raw, start, end)
    was_cut = block_end - start > max_bytes
    block = raw[start : min(block_end, start + max_bytes)]
    ordered: list[tuple[bytes, bytes]] = []
    anomaly = ""
    is_body = False
    for line in _unfold(block).split(b"\n"):
        name, colon, value = line.partition(b":")
        known = _SPELLINGS.get(name) or _field_name(name)
        if colon and known:
            ordered.append((known, value.strip()))
            if is_body:
                is_body = known not in _WELL_KNOWN
        elif line.strip():
            is_body = is_body or not (ordered and ordered[-1][1].endswith(b";"))
            anomaly = "a line in the header is not a header field"
            if ordered and len(ordered[-1][1]) < 4096:
                name, value = ordered[-1]
                ordered[-1] = (name, (value + b" " + line.strip())[:max_bytes])
    fields: Headers = {}
    for name, value in ordered:
        values = fields.get(name)
        if values is None:
            fields[name] = [value]
        else:
            values.append(value)
    return HeaderBlock(fields, body_start, anomaly, was_cut, ordered, bool(anomaly) and not is_body)


def _field_name(name: bytes) -> bytes:
    """Return the name in lower case, or b"" if it is not a field name."""
    name = name.rstrip(b" \t").lower()
    return b"" if name.translate(None, _NAME_CHARACTERS) else name


def _bounds(raw: bytes, start: int, end: int) -> tuple[int, int]:
    if raw.startswith(b"\n", start):
        return start, start + 1
    if raw.startswith(b"\r\n", start):
        return start, start + 2
    crlf = raw.find(b"\n\r\n", start, end)
    lf = raw.find(b"\n\n", start, end if crlf < 0 else crlf + 1)
    if lf >= 0:
        return lf, lf + 2
    if crlf >= 0:
        return crlf, crlf + 3
    return end, end


def _unfold(block: bytes) -> bytes:
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    return block.replace(b"\n ", b" ").replace(b"\n\t", b" ")


def repair_first_block(raw: bytes) -> bytes:
    """Repair the first header block for a strict parser.

    A byte order mark, blank lines and a mailbox file's `From ` line before the first field are dropped. A line
    that is not a field is folded into the one above if a well-known field follows it before the blank line and
    before the first part; otherwise the body starts there, as for every parser of RFC 5322.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t\x00")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    block_end, _ = _bounds(raw, 0, len(raw))
    lines = raw[: min(block_end, 1 << 20)].split(b"\n")
    own = lines[: _first_part(lines)]
    last = max((index for index, line in enumerate(own) if _is_well_known(line)), default=-1)
    if last <= 0:
        return raw
    fields = [lines[0] if _is_field(lines[0]) else b"X-Unreadable: " + lines[0]]
    fields += [line if _is_field(line) or line[:1] in b" \t" else b" " + line for line in lines[1 : last + 1]]
    return b"\n".join(fields + lines[last + 1 :]) + raw[min(block_end, 1 << 20) :]


def _first_part(lines: list[bytes]) -> int:
    """Return the line of the first part's boundary in a header without a blank line, or the number of lines."""
    for at, line in enumerate(lines):
        boundary = line[2:].strip()
        if line.startswith(b"--") and boundary and any(boundary in above for above in lines[:at]):
            return at
    return len(lines)


def skip_blank_lines(raw: bytes) -> bytes:
    """Drop blank lines before a mail's first field; before anything else they stay, as the mail's empty header.

    Line ends that a relay doubled (CR CR LF) are made single again, since each would count as two lines.
    """
    if raw.find(b"\r\r\n", 0, 2000) >= 0 and raw.count(b"\r\r\n", 0, 65536) * 2 > raw.count(b"\n", 0, 65536):
        raw = raw.replace(b"\r\r\n", b"\r\n")
    if raw[:1] not in (b"\r", b"\n", b" ", b"\t"):
        return raw
    rest = raw.lstrip(b"\r\n \t")
    return rest if _begins_header(rest) else raw


def _begins_header(raw: bytes) -> bool:
    """Return whether a header begins here: the first lines are fields, and at least one is well known."""
    lines = raw[:8192].split(b"\n")[:_MOST_LINES_BEFORE]
    if _is_well_known(lines[0]):
        return True
    if not _is_field(lines[0]):
        return False
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    fields = [line for line in lines[:end] if line[:1] not in b" \t"]
    return all(map(_is_field, fields)) and any(map(_is_well_known, fields))


def _is_field(line: bytes) -> bool:
    name, colon, _ = line.partition(b":")
    return bool(colon and name) and not name.rstrip(b" \t").translate(None, _NAME_CHARACTERS)


def _is_well_known(line: bytes) -> bool:
    return line[:40].partition(b":")[0].rstrip(b" \t").lower() in _WELL_KNOWN and b":" in line[:40]
