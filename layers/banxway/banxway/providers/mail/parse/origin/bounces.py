"""Parses delivery reports: which mail could not be delivered, to whom, and why.

multipart/report (RFC 3464) -> its delivery-status part, and the returned mail or its headers
anything else of a mailer daemon -> `bounce_texts.py`, for the servers that only write prose
"""

from itertools import pairwise

from banxway.models.mail import BounceReport, FailedRecipient
from banxway.providers.mail.parse.addresses import read_addresses
from banxway.providers.mail.parse.charsets.encoded_words import decode_header
from banxway.providers.mail.parse.headers import read_headers, skip_blank_lines
from banxway.providers.mail.parse.message_ids import read_message_id, read_references, read_reply_id
from banxway.providers.mail.parse.origin.bounce_texts import (
    enhanced_code,
    read_prose,
    reports_failure,
    returned_fields,
)
from banxway.providers.mail.parse.origin.returned_mails import message_id_of, recipients_of, returned_header
from banxway.providers.mail.parse.part import Headers, Part
from banxway.providers.mail.parse.transfer import decode_transfer

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = (
    "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers",
    "message/global-headers",
)  # fmt: skip
_LONGEST_STATUS = 512 * 1024
_MOST_RECIPIENTS = 500
_MOST_LINES, _LONGEST_LINE = 1000, 1000
_LONGEST_DIAGNOSTIC = 1000
_ACTIONS = {
    "failed": "failed", "failure": "failed", "undeliverable": "failed", "delayed": "delayed", "relayed": "relayed",
    "delivered": "delivered", "expanded": "expanded",
}  # fmt: skip


def read_bounce(root: Part, text: str) -> BounceReport | None:
    """Return a delivery report's recipients and the mail that it is about, or None if it names neither.

    `text` is the mail's readable text, which is parsed if the server wrote no delivery-status part.
    """
    parts = _leaves(root, depth=0)
    statuses = [part for part in parts if part.content_type in _STATUS_TYPES]
    recipients = [found for part in statuses for found in _recipients(_octets(part, _LONGEST_STATUS))]
    if statuses and recipients:
        known = tuple(found for found in recipients if found.action)[:_MOST_RECIPIENTS]
        return BounceReport(_original(root, parts, {}), known) if known else None
    prose = read_prose(root, text)
    if prose is None:
        return _of_returned(root, parts, text)
    return BounceReport(_original(root, parts, prose.returned), prose.recipients[:_MOST_RECIPIENTS])


def _of_returned(root: Part, parts: list[Part], text: str) -> BounceReport | None:
    """Parse a failure that names no recipient, by the returned mail; its recipient failed if it had exactly one."""
    if not reports_failure(text):
        return None
    returned = next((_octets(part, 65536) for part in parts if part.content_type in _RETURNED_TYPES), None)
    fields = returned_fields(text) if returned is None else _fields(returned)
    original = _original(root, parts, fields)
    people = sorted(recipients_of(fields))
    if original is None:
        return None
    failed = [FailedRecipient(address, "failed", enhanced_code(text), "") for address in people]
    return BounceReport(original, tuple(failed) if len(failed) == 1 else ())


def _leaves(part: Part, *, depth: int) -> list[Part]:
    if not part.children:
        return [part]
    return [leaf for child in part.children[:100] if depth < 8 for leaf in _leaves(child, depth=depth + 1)]


def _octets(part: Part, most: int) -> bytes:
    return decode_transfer(
        part.raw[part.start : min(part.end, part.start + most)], part.transfer_encoding
    ).octets


def _recipients(octets: bytes) -> list[FailedRecipient]:
    """Return one for each block that names a recipient; its `action` is "" if the block states none that is known."""
    text = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip(b"\n")
    found = []
    for block in _blocks(text):
        fields = read_headers(block, 0, len(block), max_bytes=65536).fields
        recipient = _recipient(fields)
        if recipient:
            found.append(recipient)
        if len(found) >= _MOST_RECIPIENTS:
            break
    return found


def _blocks(text: bytes) -> list[bytes]:
    """Return the blocks between blank lines; one with several recipients (some servers omit the line) is split."""
    blocks = []
    for block in text.split(b"\n\n"):
        lines = block.split(b"\n")
        marks = [at for at, line in enumerate(lines) if line[:16].lower() == b"final-recipient:"]
        for start, end in pairwise(marks):
            blocks.append(b"\n".join(lines[start:end]))
        blocks.append(b"\n".join(lines[marks[-1] :] if len(marks) > 1 else lines))
    return blocks


def _recipient(fields: Headers) -> FailedRecipient | None:
    address = ""
    for name in (b"original-recipient", b"final-recipient", b"x-actual-recipient"):
        value = fields.get(name, [b""])[0]
        found = read_addresses((value.partition(b";")[2] or value)[:2000])
        if found and not address:
            address = found[0].email
    if not address:
        return None
    diagnostic = _diagnostic(fields)
    stated = decode_header(fields.get(b"status", [b""])[0])
    status = enhanced_code(stated) or enhanced_code(diagnostic)
    action = decode_header(fields.get(b"action", [b""])[0]).partition("(")[0].strip().lower()
    if not action and status:
        action = {"5": "failed", "4": "delayed"}.get(status[0], "")
    return FailedRecipient(address, _ACTIONS.get(action, ""), status, diagnostic)


def _diagnostic(fields: Headers) -> str:
    for name in (b"diagnostic-code", b"x-display-text", b"status"):
        for value in fields.get(name, ()):
            kind, semicolon, rest = value[:8000].partition(b";")
            text = decode_header(rest if semicolon and len(kind) < 30 and b" " not in kind.strip() else value)
            if text.strip():
                return text.strip()[:_LONGEST_DIAGNOSTIC]
    return ""


def _original(root: Part, parts: list[Part], returned: Headers) -> str | None:
    """Return the returned mail's Message-ID: from that mail, else from the report's References and the like."""
    own = read_message_id(root.first(b"message-id"))
    for part in parts:
        if part.content_type in _RETURNED_TYPES and part is not root:
            found = _message_id(_octets(part, 65536), own)
            if found:
                return found
    found = message_id_of(returned)
    if found and found != own:
        return found
    references = root.headers.get(b"references", [b""])[0]
    answered = read_reply_id(root.first(b"in-reply-to")) or next(iter(read_references(references)[-1:]), None)
    return answered or read_message_id(root.first(b"x-original-message-id"))


def _fields(raw: bytes) -> Headers:
    raw = skip_blank_lines(raw)
    return read_headers(raw, 0, len(raw), max_bytes=65536).fields


def _message_id(raw: bytes, own: str | None) -> str | None:
    """Return a returned mail's id; if a gateway wrapped the report in a mail, that of the mail inside."""
    found = message_id_of(_fields(raw))
    if found and found != own:
        return found
    lines = raw.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")[:_MOST_LINES]
    inside = lines[next((at for at, line in enumerate(lines) if not line.strip()), len(lines)) :]
    found = message_id_of(returned_header([line[:_LONGEST_LINE] for line in inside]))
    return found if found != own else None
