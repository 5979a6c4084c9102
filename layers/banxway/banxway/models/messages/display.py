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
    """Whether images of other servers are loaded, which tells the sender that the mail was read."""


class DisplayLink(BaseModel):
    """Where the mail is shown, for a sandboxed frame of the console; the link itself is the key to it.

    `blocked_remote_images` is how many would appear if the same were asked with `remote_images=true`.
    """

    url: str
    """Where the page is; it is its own key."""
    expires_at: datetime
    """When the link stops working."""
    blocked_remote_images: int
    """How many images of other servers are not shown."""


class AttachmentLink(BaseModel):
    """Where an attachment can be fetched, as a file to be saved; the link itself is the key to it."""

    id: UUID
    """The attachment's id."""
    filename: str
    """The name that it is saved under."""
    content_type: str
    """Its media type."""
    size_bytes: int
    """Its size in bytes."""
    url: str
    """Where the file is; it is its own key."""
    expires_at: datetime
    """When the link stops working."""


class OriginalLink(BaseModel):
    """Where a mail can be fetched as it came, as a file to be saved; the link itself is the key to it."""

    message_id: UUID
    """The message's id."""
    filename: str
    """The name that it is saved under."""
    url: str
    """Where the file is; it is its own key."""
    expires_at: datetime
    """When the link stops working."""
