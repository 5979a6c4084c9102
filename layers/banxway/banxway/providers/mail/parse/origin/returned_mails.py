"""Finds the returned mail inside a report in words: its first line, its id, and its recipients.

Each server introduces it by a line with its own wording; only the mail's header is always there.
"""

import re

from banxway.providers.mail.parse.addresses import read_addresses
from banxway.providers.mail.parse.headers import read_headers
from banxway.providers.mail.parse.message_ids import read_message_id

_FIELD = re.compile(r"[>\s]{0,8}([A-Za-z][A-Za-z0-9-]{1,40})[ \t]{0,4}:")
_OF_ENVELOPES = frozenset({"message-id", "received", "return-path"})
_OF_MAILS = frozenset({"from", "to", "subject", "date"})
_KNOWN = _OF_ENVELOPES | _OF_MAILS | {
    "cc", "mime-version", "content-type", "content-transfer-encoding", "reply-to", "sender", "delivered-to",
    "dkim-signature", "user-agent", "x-mailer", "in-reply-to", "references", "x-original-to", "organization",
}  # fmt: skip
_FEWEST = 2
_MOST_HEADER_LINES = 200
_RETURNED = (
    "original message", "returned mail", "returned message", "message header follows", "headers follow",
    "message follows", "unsent message below", "copy of the message", "copy of your message", "message is returned",
    "copy of the original message", "undelivered message", "forwarded message", "is a copy of the",
)  # fmt: skip
_WRAPPED = "Forwarded message"
_FRAMES = ("--", "==", "__", "**")


def beginning_of_returned(lines: list[str]) -> int:
    """Return the line at which the returned mail begins or is introduced, or the number of lines without one.

    A header before any other text belongs to the report itself, which a gateway wrapped in a mail.
    """
    at, has_text = 0, False
    while at < len(lines):
        is_header = _FIELD.match(lines[at]) is not None and _is_header(lines, at)
        is_wrapper = not has_text and _WRAPPED in lines[at]
        if (is_header and has_text) or (_introduces(lines[at]) and not is_wrapper):
            return at
        has_text = has_text or (bool(lines[at].strip()) and not is_header and not is_wrapper)
        at = _end_of(lines, at) if is_header else at + 1
    return len(lines)


def returned_header(lines: list[str]) -> dict[bytes, list[bytes]]:
    """Return the fields of the first header in the lines of a returned mail; empty if there is none."""
    start = next((at for at, line in enumerate(lines) if _FIELD.match(line) and _is_header(lines, at)), None)
    if start is None:
        return {}
    block = [_bare(line) for line in lines[start : _end_of(lines, start)]]
    indent = len(block[0]) - len(block[0].lstrip())
    raw = "\n".join(line[min(indent, len(line) - len(line.lstrip())) :] for line in block).encode(
        "utf-8", "replace"
    )
    return read_headers(raw, 0, len(raw), max_bytes=65536).fields


def message_id_of(fields: dict[bytes, list[bytes]]) -> str | None:
    """Return the returned mail's own id, or None."""
    return read_message_id(fields.get(b"message-id", [b""])[0])


def recipients_of(fields: dict[bytes, list[bytes]]) -> frozenset[str]:
    """Return the recipients of the returned mail."""
    names = (b"to", b"cc", b"bcc", b"delivered-to", b"x-original-to")
    values = (value for name in names for value in fields.get(name, ())[:20])
    return frozenset(found.email for value in values for found in read_addresses(value[:8000]))


def _bare(line: str) -> str:
    """Return a line without its mark as a quote."""
    return line.lstrip(">").removeprefix(" ") if line.startswith(">") else line


def _introduces(line: str) -> bool:
    short = line.strip().lower()[:200]
    is_framed = short[:2] in _FRAMES or short.endswith(("---", ":", "follow.", "follows."))
    return is_framed and any(words in short for words in _RETURNED)


def _is_header(lines: list[str], start: int) -> bool:
    """Return whether a mail's header begins here: with a field that only servers write, or all that people see."""
    names = set()
    for line in lines[start : start + 12]:
        field = _FIELD.match(line)
        if field:
            names.add(field[1].lower())
        elif not _bare(line)[:1].isspace() or not _bare(line).strip():
            break
    known = names & _KNOWN
    return len(known) >= _FEWEST and bool(known & _OF_ENVELOPES or known >= _OF_MAILS)


def _end_of(lines: list[str], start: int) -> int:
    most = min(len(lines), start + _MOST_HEADER_LINES)
    return next((at for at in range(start, most) if not lines[at].strip("> \t")), most)
