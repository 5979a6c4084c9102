"""Messages to be sent, as agents ask for them, and what they are told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from banxway.models.email_templates import Variables
from banxway.models.fields import E164, Email, FieldProblem, OneLine, RequestBody, Shape, must_be_email
from banxway.models.outgoing import MailPriority
from banxway.models.outgoing_headers import OwnHeaders
from banxway.models.quoting import quoted

MOST_RECIPIENTS = 150
"""Of one mail, To, Cc and Bcc together: Zoho's limit for paid accounts (mail.md, section 9)."""

MOST_ATTACHED_BYTES = 36_000_000
"""All attachments together: in base64 they stay below the 53,477,376 bytes that Zoho announces as SIZE."""

_MOST_ATTACHMENTS = 50


class NewWhatsAppMessage(RequestBody):
    """Free text on WhatsApp (at most 4096 characters).

    It answers `reply_to_message_id`, else the newest message that somebody wrote on WhatsApp; `to` defaults to
    who wrote that.
    """

    channel: Literal["WHATSAPP"]
    content: str = Field(min_length=1, max_length=4096)
    to: E164 | None = None
    reply_to_message_id: UUID | None = None
    last_seen_message_id: UUID | None = None


_ContentId = Annotated[
    str,
    Field(min_length=1, max_length=200),
    Shape(r"[A-Za-z0-9._@+-]+", "must have only letters, digits and the signs . _ @ + -"),
]


class InlineImage(RequestBody):
    """An uploaded image that the HTML shows as `cid:<content_id>`."""

    upload_id: UUID
    content_id: _ContentId


def _as_list(value: object) -> object:
    return [must_be_email(value.strip())] if isinstance(value, str) else value


_Recipients = Annotated[
    list[Email],
    BeforeValidator(_as_list, json_schema_input_type=Email | list[Email]),
    Field(min_length=1),
]


class NewEmailMessage(RequestBody):
    """A mail: a content, or a template with its variables; `to` is one address or several.

    It answers `reply_to_message_id`, else the newest mail that somebody wrote; `to` defaults to that mail's
    Reply-To, else to who wrote it. No address may stand twice in `to`, `cc` and `bcc` together. `subject` may be
    left out with a template, and when answering. `attachments` and `inline` name uploads. The
    mailbox's signature is added unless `use_signature` is false. Without `email_account_id` it leaves from the
    mailbox that the customer wrote to, else from the default one.
    """

    channel: Literal["EMAIL"]
    to: _Recipients | None = None
    reply_to_message_id: UUID | None = None
    cc: list[Email] = Field(default_factory=list)
    bcc: list[Email] = Field(default_factory=list)
    reply_to: Email | None = None
    subject: OneLine | None = Field(default=None, min_length=1, max_length=500)
    content_html: str | None = Field(default=None, max_length=500_000)
    content_text: str | None = Field(default=None, max_length=500_000)
    template_id: UUID | None = None
    variables: Variables = Field(default_factory=dict)
    attachments: list[UUID] = Field(default_factory=list, max_length=_MOST_ATTACHMENTS)
    inline: list[InlineImage] = Field(default_factory=list, max_length=_MOST_ATTACHMENTS)
    priority: MailPriority = "normal"
    headers: OwnHeaders = Field(default_factory=dict)
    use_signature: bool = True
    email_account_id: UUID | None = None
    last_seen_message_id: UUID | None = None

    @field_validator("to", "cc", "bcc")
    @classmethod
    def _must_be_few_and_each_once(cls, given: list[str] | None, info: ValidationInfo) -> list[str] | None:
        before = [*(info.data.get("to") or ()), *info.data.get("cc", ())]
        addresses = [*before, *(given or ())]
        # Who is answered takes a place where `to` is left out.
        if len(addresses) + (info.field_name != "to" and not info.data.get("to")) > MOST_RECIPIENTS:
            raise ValueError(f"A mail has at most {MOST_RECIPIENTS} recipients, To, Cc and Bcc together")
        seen = set(before)
        for address in given or ():
            if address in seen:
                raise ValueError(f"must not name {quoted(address)} again: a mail goes to each address once")
            seen.add(address)
        return given

    @field_validator("template_id")
    @classmethod
    def _must_stand_alone(cls, template_id: UUID | None, info: ValidationInfo) -> UUID | None:
        if template_id and (info.data.get("content_html") or info.data.get("content_text")):
            raise ValueError("must not be given beside a content")
        return template_id

    @field_validator("variables")
    @classmethod
    def _must_have_a_template(cls, variables: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if variables and not info.data.get("template_id"):
            raise ValueError("are for a template: give template_id")
        return variables

    @field_validator("inline")
    @classmethod
    def _must_be_shown(cls, inline: list[InlineImage], info: ValidationInfo) -> list[InlineImage]:
        if inline and not info.data.get("content_html") and not info.data.get("template_id"):
            raise ValueError("needs content_html to show the images")
        if len({image.content_id for image in inline}) < len(inline):
            raise ValueError("must not have two images with the same content_id")
        return inline

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.template_id and not self.content_html and not self.content_text:
            raise FieldProblem("content_text", "content_text or content_html is required")
        return self


NewMessage = Annotated[NewWhatsAppMessage | NewEmailMessage, Field(discriminator="channel")]


class NewTemplateMessage(RequestBody):
    """An approved template; `variables` fills {{1}}, {{2}} … by number, each on one line."""

    thread_id: UUID
    template_name: str = Field(min_length=1, max_length=512)
    language: str = Field(default="en", min_length=2, max_length=20)
    to: E164 | None = None
    reply_to_message_id: UUID | None = None
    variables: dict[str, OneLine] = Field(default_factory=dict, max_length=50)
    last_seen_message_id: UUID | None = None


AnyMessage = NewWhatsAppMessage | NewEmailMessage | NewTemplateMessage


def _body_of(value: object) -> str:
    """Return which route's body this is: a template has a name and, unlike all others, no channel."""
    is_template = isinstance(value, dict) and "template_name" in value and "channel" not in value
    return "TEMPLATE_BODY" if is_template else "CHANNEL_BODY"


MessageToPreview = Annotated[
    Annotated[NewMessage, Tag("CHANNEL_BODY")] | Annotated[NewTemplateMessage, Tag("TEMPLATE_BODY")],
    Discriminator(_body_of),
]
"""Any body with which a message is sent, on whichever route."""


class RetryOfMessage(RequestBody):
    """A wish to send a message again; one whose outcome is unknown needs the sender's word that it did not arrive."""

    confirm_not_delivered: bool = False


class SentWhatsApp(BaseModel):
    """The guide's Test 4. `status` says queued until Exotel reports more; `message_sid` is null until known."""

    message_id: UUID
    message_sid: str | None
    status: str
    channel: str
    to: str
    created_at: datetime


class SentEmail(BaseModel):
    """The guide's Test 6. `smtp_message_id` is our own Message-ID, known before anything is sent."""

    message_id: UUID
    smtp_message_id: str
    status: str
    to: str
    subject: str
    created_at: datetime


class PreviewedRecipient(BaseModel):
    """Somebody whom a message would reach: `role` is to, cc or bcc, `reason` says why in a sentence."""

    address: str
    role: Literal["to", "cc", "bcc"]
    reason: str


class PreviewedFile(BaseModel):
    """A file that a mail would carry; the HTML shows one that has a `content_id`."""

    filename: str
    content_type: str
    size_bytes: int
    content_id: str | None


class MessagePreview(BaseModel):
    """What sending would do: who gets what, from which mailbox or number. Nothing was sent or stored.

    The texts are whole: a mail's with its signature, a template's with its values, header and footer.
    """

    channel: str
    sender: str
    sender_name: str | None
    recipients: list[PreviewedRecipient]
    subject: str
    content_text: str
    content_html: str | None
    attachments: list[PreviewedFile]


SentMessage = SentWhatsApp | SentEmail


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's promise that a repeated request is the same: the Idempotency-Key, and the route it came on."""

    key: str
    route: str
