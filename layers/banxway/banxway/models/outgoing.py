"""What leaves the product through a provider, and the provider's acknowledgement."""

from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail, ready to be written: bare addresses, our own Message-ID with its angle brackets.

    `sender_name` is displayed beside `sender`. `references` are whole message ids, oldest first.
    """

    message_id: str
    sender: str
    sender_name: str | None
    recipient: str
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took responsibility; `provider_sid` is its name for the message."""

    provider_sid: str
