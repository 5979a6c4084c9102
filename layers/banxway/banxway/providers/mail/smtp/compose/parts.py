"""Composes the body of an outgoing mail: text, HTML with its own images, and attachments, all in 7-bit.

multipart/mixed                    where there are attachments
    multipart/alternative          where there is HTML
        text/plain
        multipart/related          where the HTML shows images of its own
            text/html, images …
    attachments …
"""

import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from banxway.models.messages.outgoing import OutgoingAttachment
from banxway.providers.mail.smtp.compose.headers import LONGEST_LINE, file_name_parameter

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,200}")
_BASE64_LINE = 76  # RFC 2045, 6.8
_SEVEN_BIT = re.compile(rb"[\t\r\n\x20-\x7e]*")
# Types that a server or program on the way might parse and rewrite.
_NOT_IN_BASE64 = ("message/", "multipart/")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its finished headers, each ending with CRLF, and its body with only CRLF line ends."""

    headers: str
    body: bytes


def body_of(text: str, html: str | None, files: Sequence[OutgoingAttachment]) -> Part:
    """Return the whole body. Files with a `content_id` are images of the HTML; without HTML they are attached.

    A file whose `content_id` cannot be written in a header is attached, too. Raises ValidationFailed, naming
    `attachments`, for a file name with CR, LF or NUL.
    """
    body = _text(text, "plain")
    attached = list(files)
    if html is not None:
        shown = [file for file in files if _CONTENT_ID.fullmatch(file.content_id or "")]
        attached = [file for file in files if file not in shown]
        rich = _text(html, "html")
        if shown:
            rich = _multipart('related; type="text/html"', [rich, *map(_inline, shown)])
        body = _multipart("alternative", [body, rich])
    if attached:
        body = _multipart("mixed", [body, *(_file(file, "attachment") for file in attached)])
    return body


def _multipart(subtype: str, parts: Sequence[Part]) -> Part:
    # Nobody can guess it, so no text of a mail can end a part.
    boundary = f"=_{uuid4().hex}"
    pieces: list[bytes] = []
    for part in parts:
        pieces += [f"--{boundary}\r\n{part.headers}\r\n".encode(), part.body, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    kind, _, parameters = subtype.partition(";")
    more = f";{parameters}" if parameters else ""
    return Part(f'Content-Type: multipart/{kind}{more};\r\n boundary="{boundary}"\r\n', b"".join(pieces))


def _text(text: str, subtype: str) -> Part:
    content = text.replace("\0", "\ufffd").encode("utf-8", "replace")
    content = re.sub(rb"\r\n|\r|\n", b"\n", content)
    encoding = "7bit"
    if not _is_seven_bit(content):
        quoted = b2a_qp(content, istext=True)
        in_base64 = _in_lines(content)
        # Quoted-printable stays readable in the raw mail; base64 is for texts that it would triple.
        encoding = "quoted-printable" if len(quoted) <= len(in_base64) else "base64"
        content = quoted if encoding == "quoted-printable" else in_base64.replace(b"\r\n", b"\n")
    return Part(
        f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n',
        content.removesuffix(b"\n").replace(b"\n", b"\r\n") + b"\r\n",
    )


def _inline(file: OutgoingAttachment) -> Part:
    part = _file(file, "inline")
    return Part(f"{part.headers}Content-ID:\r\n <{file.content_id}>\r\n", part.body)


def _file(file: OutgoingAttachment, disposition: str) -> Part:
    name = file_name_parameter("attachments", file.filename)
    kind = file.content_type.lower()
    if kind == "message/rfc822" and _is_seven_bit(file.content):
        # A mail in a mail must not be in base64 (RFC 2046, 5.2.1).
        body, encoding = re.sub(rb"\r\n|\r|\n", b"\r\n", file.content), "7bit"
    else:
        is_usual = _TYPE.fullmatch(kind) and not kind.startswith(_NOT_IN_BASE64)
        kind = kind if is_usual else "application/octet-stream"
        body, encoding = _in_lines(file.content), "base64"
    return Part(
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-Disposition: {disposition}{name}\r\n",
        body,
    )


def _is_seven_bit(content: bytes) -> bool:
    return bool(_SEVEN_BIT.fullmatch(content)) and all(
        len(line) <= LONGEST_LINE for line in re.split(rb"\r\n|\r|\n", content)
    )


def _in_lines(content: bytes) -> bytes:
    encoded = b64encode(content)
    return b"".join(
        encoded[start : start + _BASE64_LINE] + b"\r\n" for start in range(0, len(encoded), _BASE64_LINE)
    )
