"""Composes customers' mails and reads ours, for the control API and the page."""

import base64
import binascii
import email
import email.message
import email.policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import formatdate, getaddresses, make_msgid
from typing import Any


def compose(values: dict[str, Any]) -> bytes:
    """Return a customer's plain mail with its files. Raises ValueError for what a mail cannot contain."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"] = values["from"]
    mail["To"] = values["to"]
    mail["Subject"] = values.get("subject", "")
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = values.get("message_id") or make_msgid(domain="customer.example")
    for name, header in (("in_reply_to", "In-Reply-To"), ("references", "References")):
        if values.get(name):
            mail[header] = values[name]
    mail.set_content(values.get("text", ""))
    for file in values.get("attachments", []):
        _attach(mail, file)
    return mail.as_bytes()


def _attach(mail: email.message.EmailMessage, file: Any) -> None:
    if not isinstance(file, dict) or not file.get("filename"):
        raise ValueError("attachments: each needs filename, content_type and base64")
    kind, _, subtype = str(file.get("content_type") or "application/octet-stream").partition("/")
    try:
        content = base64.b64decode(str(file.get("base64", "")), validate=True)
    except binascii.Error as error:
        raise ValueError("attachments: base64 is not base64") from error
    mail.add_attachment(
        content, maintype=kind, subtype=subtype or "octet-stream", filename=str(file["filename"])
    )


def readable(raw: bytes) -> dict[str, Any]:
    """Return the parts of a mail that a person reads."""
    mail = email.message_from_bytes(raw)
    return {
        "message_id": mail.get("Message-ID"),
        "in_reply_to": mail.get("In-Reply-To"),
        "references": mail.get("References"),
        "from": _decoded(mail.get("From", "")),
        "to": _decoded(mail.get("To", "")),
        "cc": _decoded(mail.get("Cc", "")),
        "subject": _decoded(mail.get("Subject", "")),
        "text": _text(mail),
        "files": [_decoded(part.get_filename()) for part in mail.walk() if part.get_filename()],
        "size_bytes": len(raw),
    }


def hidden(raw: bytes, recipients: list[str]) -> list[str]:
    """Return the recipients that the mail itself does not name: those of hidden copies."""
    mail = email.message_from_bytes(raw)
    fields = [str(each) for name in ("To", "Cc") for each in mail.get_all(name, [])]
    named = {address.lower() for _, address in getaddresses(fields)}
    return [each for each in recipients if each.lower() not in named]


def _decoded(header: Any) -> str:
    try:
        return str(make_header(decode_header(header)))
    except (LookupError, ValueError, HeaderParseError):
        return str(header)


def _text(mail: email.message.Message) -> str:
    """Return the first plain part, else the first HTML part as its source."""
    for wanted in ("text/plain", "text/html"):
        for part in mail.walk():
            if part.get_content_type() == wanted and not part.get_filename():
                return _part_text(part)
    return ""


def _part_text(part: email.message.Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
