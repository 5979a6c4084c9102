"""A mail as a page of its own, and the links that lead to contents of messages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from banxway.models.fields import RequestBody


@dataclass(frozen=True, slots=True)
class MailToShow:
    """What a page is made of: the HTML as it came, else the text; `remote_images` loads those of others.

    `reply_text` and `signature_text` are parts of the text, None where nothing was told apart.
    """

    html: str | None
    text: str
    reply_text: str | None = None
    signature_text: str | None = None
    remote_images: bool = False


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A whole HTML page, the origins that its own images come from, and how many others were held back."""

    page: str
    image_origins: tuple[str, ...]
    blocked_remote_images: int


@dataclass(frozen=True, slots=True)
class DisplayPage:
    """A page with the policy that it must be served under."""

    content: str
    content_security_policy: str


class DisplayQuery(RequestBody):
    """How to show a mail: images of other servers tell the sender that, when and where it was read."""

    remote_images: bool = False


class DisplayLink(BaseModel):
    """Where the mail is shown, for a sandboxed frame of the console; the link itself is the key to it.

    `blocked_remote_images` is how many would appear if the same were asked with `remote_images=true`.
    """

    url: str
    expires_at: datetime
    blocked_remote_images: int


class AttachmentLink(BaseModel):
    """Where an attachment can be fetched, as a file to be saved; the link itself is the key to it."""

    id: UUID
    filename: str
    content_type: str
    size_bytes: int
    url: str
    expires_at: datetime


class OriginalLink(BaseModel):
    """Where a mail can be fetched as it came, as a file to be saved; the link itself is the key to it."""

    message_id: UUID
    filename: str
    url: str
    expires_at: datetime
