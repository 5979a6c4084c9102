"""What leaves the product through a provider, and the provider's acknowledgement."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class TextContent:
    """Free text; WhatsApp allows 4096 characters and only inside its 24-hour window."""

    body: str


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """An approved WhatsApp template: `body_variables` fill {{1}}, {{2}} … in order."""

    name: str
    language: str
    body_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutgoingWhatsApp:
    """One WhatsApp message; numbers are E.164. `reference` returns in every callback as custom_data."""

    sender: str
    recipient: str
    content: TextContent | TemplateContent
    status_callback: str
    reference: str


REFERENCE_HEADER = "X-Banxway-Message"
"""Names a mail of ours by its message's id, also where the provider replaces its Message-ID."""

MailPriority = Literal["high", "normal", "low"]
AutomaticKind = Literal["vacation", "forward"]


@dataclass(frozen=True, slots=True)
class OutgoingAttachment:
    """One file of an outgoing mail. With a `content_id`, the HTML may show it as `cid:<content_id>`."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail, ready to be written: bare addresses, our own Message-ID with its angle brackets.

    `to` is who it is addressed to, at least one. `reference` names it in a header of ours, by which its copy in Sent
    is recognized where the provider replaces the Message-ID. `sender_name` is displayed beside `sender`.
    `references` are whole message ids, oldest first. `bcc` are in
    the envelope only. An `automatic` mail carries the marks by which no other robot answers it (RFC 3834).
    """

    message_id: str
    sender: str
    sender_name: str | None
    to: tuple[str, ...]
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str | None = None
    priority: MailPriority = "normal"
    attachments: tuple[OutgoingAttachment, ...] = ()
    automatic: AutomaticKind | None = None
    loop_mark: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took responsibility; `provider_sid` is its name for the message."""

    provider_sid: str
