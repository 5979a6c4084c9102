"""Composes outgoing mail: no text can add a header, and any server accepts the bytes (RFC 5322, 2045).

Everything is 7-bit, so that no server needs 8BITMIME; only an address without an ASCII form needs SMTPUTF8.
`headers.py` writes texts into header lines, `parts.py` the body.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from email.utils import format_datetime

from banxway.clock import Clock
from banxway.errors import ValidationFailed
from banxway.models.messages.outgoing import REFERENCE_HEADER, AutomaticKind, MailPriority, OutgoingMail
from banxway.models.values.mail_addresses import ascii_domain
from banxway.providers.mail.smtp.compose.headers import (
    mailbox,
    one_line,
    reserved_header_error,
    text_header,
    token_header,
)
from banxway.providers.mail.smtp.compose.parts import body_of
from banxway.providers.mail.transport import refuse_control_characters

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_REPEATABLE_ID = re.compile(r"<[ -;=?-~]{1,900}>")
"""What other programs use as an id, white space included: an answer repeats it byte for byte."""
_HEADER_NAME = re.compile(r"[!-9;-~]{1,76}")
_NOT_FREE = frozenset(
    (
        *("from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "in-reply-to"),
        *("references", "mime-version", "return-path", "received", "importance", "x-priority", "x-loop"),
        *("auto-submitted", "precedence", "x-auto-response-suppress", REFERENCE_HEADER.lower()),
    )
)
_PRIORITIES: dict[MailPriority, dict[str, str]] = {
    # Importance is RFC 2156's; X-Priority is what older programs read.
    "high": {"Importance": "high", "X-Priority": "1"},
    "normal": {},
    "low": {"Importance": "low", "X-Priority": "5"},
}
_MARKS: dict[AutomaticKind, dict[str, str]] = {
    "vacation": {"Auto-Submitted": "auto-replied", "Precedence": "auto_reply"},
    "forward": {"Auto-Submitted": "auto-generated", "Precedence": "bulk"},
}


def compose(mail: OutgoingMail, *, clock: Clock, utf8: bool = False) -> bytes:
    """Return the whole mail with only CRLF line ends. `utf8` allows addresses beyond ASCII (SMTPUTF8, RFC 6532).

    `bcc` is in no header. An automatic mail carries the marks of RFC 3834, 5 and of similar conventions
    (reference/mail.md, section 8). Ids of an answered mail that cannot be written in a header are left out. Raises
    ValidationFailed, naming the field, for a line break or NUL in any header, for a header that only we may write,
    for an invalid Message-ID of our own, and for an address that needs `utf8` without it.
    """
    if not utf8:
        require_ascii(mail)
    body = body_of(mail.text, mail.html, mail.attachments)
    lines = [
        *_people(mail),
        text_header("Subject", one_line("subject", mail.subject)),
        token_header("Date", format_datetime(clock.now())),
        *_references(mail),
        *_marks(mail),
        *_own_headers(mail.headers),
        "MIME-Version: 1.0\r\n",
        body.headers,
        "\r\n",
    ]
    return "".join(lines).encode("utf-8" if utf8 else "ascii") + body.body


def envelope_address(field: str, address: str) -> str:
    """Return the address as SMTP needs it, with its domain in ASCII (IDNA). Raises ValidationFailed.

    Quoted local parts, address literals and anything that could end the command are refused.
    """
    refuse_control_characters(field, address)
    written = ascii_domain(address)
    if written is None:
        raise ValidationFailed(f"{field} must be an email address", field=field)
    return written


def addresses_by_field(mail: OutgoingMail) -> Iterator[tuple[str, str]]:
    """Yield (field name, address) for every address in the mail's envelope or headers.

    Raises ValidationFailed as `envelope_address` does.
    """
    named = [("sender", mail.sender), *(("to", each) for each in mail.to)]
    named += [("cc", each) for each in mail.cc] + [("bcc", each) for each in mail.bcc]
    named += [("reply_to", mail.reply_to)] if mail.reply_to else []
    for field, address in named:
        yield field, envelope_address(field, address)


def require_ascii(mail: OutgoingMail) -> None:
    """Require addresses that every server supports. Raises ValidationFailed, naming the first field beyond ASCII."""
    for field, address in addresses_by_field(mail):
        if not address.isascii():
            raise ValidationFailed(f"{field} has letters that this mail server does not support", field=field)


def _people(mail: OutgoingMail) -> Iterator[str]:
    name = one_line("sender_name", mail.sender_name or "")
    yield token_header("From", mailbox(envelope_address("sender", mail.sender), name))
    yield from _listed("To", "to", mail.to)
    yield from _listed("Cc", "cc", mail.cc)
    if mail.reply_to:
        yield token_header("Reply-To", envelope_address("reply_to", mail.reply_to))


def _listed(header: str, field: str, addresses: Sequence[str]) -> Iterator[str]:
    if addresses:
        *first, last = [envelope_address(field, address) for address in addresses]
        yield token_header(header, *(f"{address}," for address in first), last)


def _references(mail: OutgoingMail) -> Iterator[str]:
    refuse_control_characters("message_id", mail.message_id)
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise ValidationFailed("message_id must be a Message-ID in angle brackets", field="message_id")
    yield token_header("Message-ID", mail.message_id)
    if answered := _writable("in_reply_to", (mail.in_reply_to or "",)):
        yield token_header("In-Reply-To", *answered)
    if references := _writable("references", mail.references):
        yield token_header("References", *references)
    if mail.reference:
        yield text_header(REFERENCE_HEADER, one_line("reference", mail.reference))


def _marks(mail: OutgoingMail) -> Iterator[str]:
    """Yield the headers for priority and automation; a program that knows any one of the marks sends no answer."""
    for name, value in _PRIORITIES[mail.priority].items():
        yield token_header(name, value)
    if mail.automatic:
        for name, value in _MARKS[mail.automatic].items():
            yield token_header(name, value)
        yield token_header("X-Auto-Response-Suppress", "All")
        if mail.loop_mark:
            yield text_header("X-Loop", one_line("loop_mark", mail.loop_mark))


def _own_headers(headers: dict[str, str]) -> Iterator[str]:
    taken: set[str] = set()
    for name, value in headers.items():
        low = name.lower()
        is_ours = low in _NOT_FREE or low.startswith(("content-", "resent-"))
        if is_ours or not _HEADER_NAME.fullmatch(name):
            raise reserved_header_error(name)
        if low in taken:
            raise ValidationFailed(f"The header {name!r} cannot be set twice", field="headers")
        taken.add(low)
        yield text_header(name, one_line("headers", value))


def _writable(field: str, ids: Iterable[str]) -> list[str]:
    """Return the ids that a header can contain; a stranger's broken id must not keep us from answering."""
    return [each for each in ids if _REPEATABLE_ID.fullmatch(refuse_control_characters(field, each))]
