"""Finds the mail that a report in words returns: where it begins, which it was, and to whom it went.

Servers introduce it by a line of their own, in many words; its header is what all of them have in common.
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
    """Return the line at which the returned mail begins, or is introduced; the number of lines where none is.

    What stands before everything else heads the report itself, which a gateway wrapped in a mail.
    """
    at, is_said = 0, False
    while at < len(lines):
        is_header = _FIELD.match(lines[at]) is not None and _is_header(lines, at)
        is_passed_on = not is_said and _WRAPPED in lines[at]
        if (is_header and is_said) or (_introduces(lines[at]) and not is_passed_on):
            return at
        is_said = is_said or (bool(lines[at].strip()) and not is_header and not is_passed_on)
        at = _end_of(lines, at) if is_header else at + 1
    return len(lines)


def returned_header(lines: list[str]) -> dict[bytes, list[bytes]]:
    """Return the fields of the first header among lines of a returned mail, or none."""
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
    """Return the addresses that the returned mail was to."""
    names = (b"to", b"cc", b"bcc", b"delivered-to", b"x-original-to")
    values = (value for name in names for value in fields.get(name, ())[:20])
    return frozenset(found.email for value in values for found in read_addresses(value[:8000]))


def _bare(line: str) -> str:
    """A line without the mark that it is quoted."""
    return line.lstrip(">").removeprefix(" ") if line.startswith(">") else line


def _introduces(line: str) -> bool:
    short = line.strip().lower()[:200]
    is_framed = short[:2] in _FRAMES or short.endswith(("---", ":", "follow.", "follows."))
    return is_framed and any(words in short for words in _RETURNED)


def _is_header(lines: list[str], start: int) -> bool:
    """Whether lines from here are a mail's fields: among them one that only servers write, or what people see."""
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
