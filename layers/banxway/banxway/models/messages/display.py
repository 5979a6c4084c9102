"""A mail displayed as an HTML page of its own, and the links to contents of messages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from banxway.models.fields import RequestBody


@dataclass(frozen=True, slots=True)
class MailToShow:
    """The contents to display: the HTML as it came, else the text; with `remote_images`, other servers' images, too.

    `reply_text` and `signature_text` are parts of the text, None if it was not split.
    """

    html: str | None
    text: str
    reply_text: str | None = None
    signature_text: str | None = None
    remote_images: bool = False


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A complete HTML page, the origins that its own images come from, and how many remote images were blocked."""

    page: str
    image_origins: tuple[str, ...]
    blocked_remote_images: int


@dataclass(frozen=True, slots=True)
class DisplayPage:
    """A page, and the Content-Security-Policy that it must be served with."""

    content: str
    content_security_policy: str


class DisplayQuery(RequestBody):
    """How to display a mail."""

    remote_images: bool = False
    """Whether images of other servers are loaded; they show the sender that, when and where the mail was read."""


class DisplayLink(BaseModel):
    """A link to the displayed mail, for a sandboxed frame of the console."""

    url: str
    """The page's signed URL; it needs no other credential."""
    expires_at: datetime
    """When the link stops working."""
    blocked_remote_images: int
    """How many images of other servers are not shown; `remote_images=true` shows them."""


class AttachmentLink(BaseModel):
    """A link that downloads an attachment as a file."""

    id: UUID
    """The attachment's id."""
    filename: str
    """The name that it is saved under."""
    content_type: str
    """Its media type."""
    size_bytes: int
    """Its size in bytes."""
    url: str
    """The file's signed URL; it needs no other credential."""
    expires_at: datetime
    """When the link stops working."""


class OriginalLink(BaseModel):
    """A link that downloads a mail as it came, as a file."""

    message_id: UUID
    """The message's id."""
    filename: str
    """The name that it is saved under."""
    url: str
    """The file's signed URL; it needs no other credential."""
    expires_at: datetime
    """When the link stops working."""
