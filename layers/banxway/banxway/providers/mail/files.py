"""Makes attachments of parts: their names, ids, and what kind of use the mail makes of them."""

import hashlib
import re

from banxway.models.mail import MailAttachment
from banxway.providers.mail.filenames import safe_filename
from banxway.providers.mail.parameters import read_value
from banxway.providers.mail.part import Part

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,120}")


def read_disposition(part: Part) -> tuple[str, str]:
    """Return a part's disposition and its file name, "" for what it lacks; any field may hold the name."""
    value = part.headers.get(b"content-disposition")
    if not value:
        return "", part.parameters.get("name", "")
    disposition, parameters = read_value(value[0])
    return disposition, parameters.get("filename") or parameters.get("name") or part.parameters.get(
        "name", ""
    )


def content_id(part: Part) -> str | None:
    """Return a part's Content-ID without its angle brackets, or None."""
    values = part.headers.get(b"content-id")
    if not values:
        return None
    return sound_id(values[0].decode("latin-1"))


def sound_id(text: str) -> str | None:
    """Return an id that may stand in a URL of HTML, or None."""
    text = text.strip("<> \t\"'")[:400]
    return text if text and text.isprintable() else None


def as_attachment(
    octets: bytes, name: str, content_type: str, content_id: str | None = None, *, is_inline: bool = False
) -> MailAttachment:
    """Return an attachment under a safe name; what is no media type becomes application/octet-stream."""
    if not _MEDIA_TYPE.fullmatch(content_type):
        content_type = "application/octet-stream"
    digest = hashlib.sha256(octets).hexdigest()
    return MailAttachment(
        safe_filename(name, content_type), content_type, octets, digest, content_id, is_inline
    )
