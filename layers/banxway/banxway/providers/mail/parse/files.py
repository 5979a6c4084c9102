"""Makes attachments of parts: their names, their ids, and whether the mail shows them inline."""

import hashlib
import html as entities
import re
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote

from banxway.models.mail import MailAttachment
from banxway.models.values.filenames import safe_filename
from banxway.providers.mail.parse.charsets.charsets import in_utf8
from banxway.providers.mail.parse.parameters import read_value
from banxway.providers.mail.parse.part import Part

SHOWN_TEXT = (
    "text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html",
    "application/xhtml+xml",
)  # fmt: skip
"""The types of a mail's body text."""
_FILES = (
    "text/calendar", "text/x-vcard", "text/vcard", "text/directory", "text/rtf", "text/css", "text/rfc822-headers",
)  # fmt: skip
PICTURES = frozenset({"image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"})
"""The types of pictures that are shown inside a text; any other picture is an attachment."""
_USUAL_TYPES = {
    "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
}  # fmt: skip
_BY_NAME = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp",
}  # fmt: skip
_REFERENCE = re.compile(r"[^\s\"'<>)]{1,400}")
_MOST_SHOWN = 300
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,120}")


class Disposition(NamedTuple):
    """A part's disposition, its file name, and the `name` of its Content-Type; "" for what is missing."""

    kind: str
    filename: str
    type_name: str

    @property
    def name(self) -> str:
        """The part's name as a file."""
        return self.filename or self.type_name


def read_disposition(part: Part, charset: str | None) -> Disposition:
    """Return a part's disposition; raw 8-bit names that are not UTF-8 are decoded in the mail's charset."""
    type_name = part.parameters.get("name", "")
    if type_name and not type_name.isascii():
        typed = part.first(b"content-type")
        if not typed.isascii():
            type_name = read_value(in_utf8(typed, charset)[0])[1].get("name", "")
    value = part.first(b"content-disposition")
    if not value:
        return Disposition("", "", type_name)
    if not value.isascii():
        value, _ = in_utf8(value, charset)
    kind, parameters = read_value(value)
    return Disposition(kind, parameters.get("filename") or parameters.get("name") or "", type_name)


def is_shown(content_type: str, disposition: Disposition, *, is_embedded: bool, is_body: bool) -> bool:
    """Return whether a part is text of the body and not a file.

    `is_embedded` is true for a part that HTML refers to by its id. If a body is expected (`is_body`), a text is not
    a file even if it has a name.
    """
    if disposition.kind == "attachment" or is_embedded:
        return False
    if content_type in SHOWN_TEXT:
        return is_body or not disposition.name
    is_text = content_type.startswith("text/") and content_type not in _FILES
    return is_text and not disposition.name


def content_id(part: Part) -> str | None:
    """Return a part's Content-ID without its angle brackets, or None."""
    values = part.headers.get(b"content-id")
    if not values:
        return None
    return usable_id(values[0].decode("latin-1"))


def usable_id(text: str) -> str | None:
    """Return an id that can be used in a URL of HTML, or None."""
    text = text.strip("<> \t\"'")[:400]
    return text if text and text.isprintable() else None


def as_attachment(
    octets: bytes, name: str, content_type: str, content_id: str | None = None, *, is_inline: bool = False
) -> MailAttachment:
    """Return an attachment with a safe name; an invalid media type becomes application/octet-stream."""
    content_type = _USUAL_TYPES.get(content_type, content_type)
    if not _MEDIA_TYPE.fullmatch(content_type):
        content_type = "application/octet-stream"
    digest = hashlib.sha256(octets).hexdigest()
    return MailAttachment(
        safe_filename(name, content_type), content_type, octets, digest, content_id, is_inline
    )


def inline_where_shown(attachments: list[MailAttachment], html: str | None) -> tuple[MailAttachment, ...]:
    """Return the attachments; only those that the HTML shows stay inline, all others are listed."""
    if not any(attachment.is_inline for attachment in attachments):
        return tuple(attachments)
    pieces = (html or "").lower().split("cid:", _MOST_SHOWN)[1:]
    found = (_REFERENCE.match(piece) for piece in pieces)
    shown = {_plain(match[0]).strip("<>").lower() for match in found if match}
    return tuple(
        _inline_if_shown(attachment, shown) if attachment.is_inline else attachment
        for attachment in attachments
    )


def _inline_if_shown(attachment: MailAttachment, shown: set[str]) -> MailAttachment:
    """Return an inline file, listed if the HTML does not show it; a generic type is corrected by the file's name."""
    content_type = attachment.content_type
    if content_type == "application/octet-stream":
        content_type = _BY_NAME.get(attachment.filename.rpartition(".")[2].lower(), content_type)
    if content_type not in PICTURES or (attachment.content_id or "").lower() not in shown:
        return replace(attachment, is_inline=False)
    if content_type == attachment.content_type:
        return attachment
    return replace(attachment, content_type=content_type)


def _plain(reference: str) -> str:
    if "&" in reference:
        reference = entities.unescape(reference)
    return unquote(reference) if "%" in reference else reference
