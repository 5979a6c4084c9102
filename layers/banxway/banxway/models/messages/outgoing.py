"""What leaves the product through a provider, and the provider's acknowledgement."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class TextContent:
    """Free text; WhatsApp accepts at most 4096 characters, and only within its 24-hour window."""

    body: str


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """An approved WhatsApp template; `body_variables` are the values of {{1}}, {{2}} … in order."""

    name: str
    language: str
    body_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutgoingWhatsApp:
    """One WhatsApp message; numbers are in E.164. Exotel returns `reference` in every callback as custom_data."""

    sender: str
    recipient: str
    content: TextContent | TemplateContent
    status_callback: str
    reference: str


REFERENCE_HEADER = "X-Banxway-Message"
"""The header with our message's id: it identifies our mail even if the provider replaces its Message-ID."""

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

    `to` has at least one address. `reference` goes into REFERENCE_HEADER, by which the copy in Sent is recognized if
    the provider replaces the Message-ID. `sender_name` is displayed with `sender`. `references` are Message-IDs
    with angle brackets, the oldest first. `bcc` are in the envelope only. An `automatic` mail has the headers that
    keep other responders from answering it (RFC 3834).
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
    """The provider accepted the message; `provider_sid` is the provider's id of it."""

    provider_sid: str
