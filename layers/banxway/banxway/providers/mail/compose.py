"""Writes outgoing mail: headers that nobody can add to, and bytes that any server accepts (RFC 5322, 2045).

Everything is 7-bit, so that no server needs 8BITMIME; only an address that has no ASCII form needs SMTPUTF8.
"""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from banxway.clock import Clock
from banxway.errors import ValidationFailed
from banxway.models.outgoing import OutgoingMail
from banxway.providers.mail.connection import refuse_control_characters

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_HEADER_NAME = re.compile(r"[!-9;-~]{1,76}")
_LONGEST_LINE = 998  # RFC 5322, 2.1.1
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}@[^\s<>()\[\],;:\\\"@]{1,255}")
_ODD_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_FREE = frozenset(
    ("from", "to", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version")
)


class _WholeTokens(EmailPolicy):
    """Never breaks or encodes an ASCII token.

    The standard policy turns a long message id into an encoded word, which no mail program recognises.
    """

    def fold(self, name: str, value: Any) -> str:
        text = str(value)
        if name.lower().startswith("content-") or not text.isascii():
            return str(super().fold(name, value))
        separator = "\r\n " if name.lower() == "references" else " "
        line = f"{name}: {separator.join(text.split(' '))}\r\n"
        longest = max(len(part) for part in line.split("\r\n"))
        return line if longest <= _LONGEST_LINE else str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


_POLICY = _WholeTokens(linesep="\r\n", cte_type="7bit")


def compose(mail: OutgoingMail, *, clock: Clock, utf8: bool = False) -> bytes:
    """Return the whole mail with CRLF line ends only. `utf8` writes headers as SMTPUTF8 has them (RFC 6532).

    Raises ValidationFailed, naming the field, for a line break or NUL in any header, for a header that is
    ours to write, and for a Message-ID that is none.
    """
    message = EmailMessage(policy=_POLICY.clone(utf8=utf8))
    message["From"] = _address("sender", mail.sender, _one_line("sender_name", mail.sender_name or ""))
    message["To"] = _address("recipient", mail.recipient, "")
    message["Subject"] = _one_line("subject", mail.subject)
    message["Date"] = format_datetime(clock())
    message["Message-ID"] = _message_id("message_id", mail.message_id)
    if mail.in_reply_to:
        message["In-Reply-To"] = _message_id("in_reply_to", mail.in_reply_to)
    if mail.references:
        message["References"] = " ".join(_message_id("references", each) for each in mail.references)
    for name, value in mail.headers.items():
        _add_header(message, name, value)
    message.set_content(_encodable(mail.text))
    if mail.html is not None:
        message.add_alternative(_encodable(mail.html), subtype="html")
    return re.sub(rb"\r\n|\r|\n", b"\r\n", message.as_bytes())


def envelope_address(field: str, address: str) -> str:
    """Return the address as SMTP takes it, its domain in ASCII (IDNA). Raises ValidationFailed.

    Quoted local parts, address literals and anything that could end the command are refused.
    """
    refuse_control_characters(field, address)
    if not _ADDRESS.fullmatch(address):
        raise ValidationFailed(f"{field} is not an email address", field=field)
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise ValidationFailed(f"{field} has an impossible domain", field=field) from error


def _address(field: str, address: str, name: str) -> Address:
    local, _, domain = envelope_address(field, address).rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _message_id(field: str, text: str) -> str:
    refuse_control_characters(field, text)
    if not _MESSAGE_ID.fullmatch(text):
        raise ValidationFailed(f"{field} is not a Message-ID in angle brackets", field=field)
    return text


def _add_header(message: EmailMessage, name: str, value: str) -> None:
    is_ours = name.lower() in _NOT_FREE or name.lower().startswith("content-")
    if is_ours or not _HEADER_NAME.fullmatch(name):
        raise ValidationFailed(f"The header {name[:80]!r} cannot be set", field="headers")
    try:
        message[name] = _one_line("headers", value)
    except ValueError as error:
        raise ValidationFailed(f"The header {name!r} cannot be set twice", field="headers") from error


def _one_line(field: str, text: str) -> str:
    # Other controls and separators break no header, but the email package takes some for line ends.
    return _ODD_CONTROLS.sub(" ", _encodable(refuse_control_characters(field, text)))


def _encodable(text: str) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
