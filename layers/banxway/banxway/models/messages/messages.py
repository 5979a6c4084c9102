"""Requests to send messages, and their answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)

from banxway.models.email_templates import Variables
from banxway.models.fields import E164, Email, FieldProblem, OneLine, RequestBody, Shape, must_be_email
from banxway.models.messages.outgoing import MailPriority
from banxway.models.messages.outgoing_headers import OwnHeaders
from banxway.models.messages.statuses import MessageStatus
from banxway.models.values.quoting import quoted
from banxway.models.words import Channel

MOST_RECIPIENTS = 150
"""The most recipients of one mail, To, Cc and Bcc together: Zoho's limit for paid accounts (reference/mail.md, 9)."""

MOST_ATTACHED_BYTES = 36_000_000
"""The most bytes of all attachments together: in base64 that is below the 53,477,376 that Zoho announces as SIZE."""

_MOST_ATTACHMENTS = 50


class NewWhatsAppMessage(RequestBody):
    """Free text on WhatsApp (at most 4096 characters)."""

    channel: Literal["WHATSAPP"]
    """The message leaves on WhatsApp."""
    content: str = Field(min_length=1, max_length=4096)
    """The text."""
    to: E164 | None = None
    """The number that it goes to; if left out, the sender of the message that it answers."""
    reply_to_message_id: UUID | None = None
    """The message that it answers; if left out, the customer's newest one on WhatsApp."""
    last_seen_message_id: UUID | None = None
    """The newest message that the sender has seen; if the thread has a newer one, this message is refused."""


_ContentId = Annotated[
    str,
    Field(min_length=1, max_length=200),
    Shape(r"[A-Za-z0-9._@+-]+", "must have only letters, digits and the signs . _ @ + -"),
]


class InlineImage(RequestBody):
    """An uploaded image that the HTML shows as `cid:<content_id>`."""

    upload_id: UUID
    """The upload of the image."""
    content_id: _ContentId
    """The name by which the HTML refers to it, as cid:<content_id>."""


def _as_list(value: object) -> object:
    return [must_be_email(value.strip())] if isinstance(value, str) else value


_Recipients = Annotated[
    list[Email],
    BeforeValidator(_as_list, json_schema_input_type=Email | list[Email]),
    Field(min_length=1),
]


class NewEmailMessage(RequestBody):
    """A mail: with a content, or with a template and its variables.

    No address may occur twice in `to`, `cc` and `bcc` together.
    """

    channel: Literal["EMAIL"]
    """The message leaves as a mail."""
    to: _Recipients | None = None
    """One address or several; if left out, the Reply-To of the mail that it answers, else that mail's sender."""
    reply_to_message_id: UUID | None = None
    """The mail that it answers; if left out, the customer's newest one."""
    cc: list[Email] = Field(default_factory=list)
    """The addresses in Cc, which every recipient sees."""
    bcc: list[Email] = Field(default_factory=list)
    """The addresses in Bcc, which no other recipient sees."""
    reply_to: Email | None = None
    """The address that answers go to; if left out, the mailbox's `reply_to`."""
    subject: OneLine | None = Field(default=None, min_length=1, max_length=500)
    """The subject; may be left out with a template, and when answering."""
    content_html: str | None = Field(default=None, max_length=500_000)
    """The HTML; this, `content_text` or `template_id` is required."""
    content_text: str | None = Field(default=None, max_length=500_000)
    """The text; this, `content_html` or `template_id` is required."""
    template_id: UUID | None = None
    """A mail template, instead of a content."""
    variables: Variables = Field(default_factory=dict)
    """The value of each variable of the template, by its name."""
    attachments: list[UUID] = Field(default_factory=list, max_length=_MOST_ATTACHMENTS)
    """The ids of uploads to attach."""
    inline: list[InlineImage] = Field(default_factory=list, max_length=_MOST_ATTACHMENTS)
    """Uploads that the HTML shows as images."""
    priority: MailPriority = "normal"
    """The mail's priority."""
    headers: OwnHeaders = Field(default_factory=dict)
    """Further headers, by name."""
    use_signature: bool = True
    """Whether the mailbox's signature is added."""
    email_account_id: UUID | None = None
    """The mailbox that sends it; if left out, the one that the customer wrote to, else the default one."""
    last_seen_message_id: UUID | None = None
    """The newest message that the sender has seen; if the thread has a newer one, this message is refused."""

    @field_validator("to", "cc", "bcc")
    @classmethod
    def _must_be_few_and_each_once(cls, given: list[str] | None, info: ValidationInfo) -> list[str] | None:
        before = [*(info.data.get("to") or ()), *info.data.get("cc", ())]
        addresses = [*before, *(given or ())]
        # If `to` is left out, the recipient of the answer counts as one.
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
            raise ValueError("must not be given together with a content")
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
    """A message made of an approved WhatsApp template."""

    channel: ClassVar[Channel] = "WHATSAPP"

    thread_id: UUID
    """The thread that it belongs to."""
    template_name: str = Field(min_length=1, max_length=512)
    """The approved template's name."""
    language: str = Field(default="en", min_length=2, max_length=20)
    """The template's language."""
    to: E164 | None = None
    """The number that it goes to; if left out, the customer's."""
    reply_to_message_id: UUID | None = None
    """The message that it answers."""
    variables: dict[str, OneLine] = Field(default_factory=dict, max_length=50)
    """The values of {{1}}, {{2}} …, by number, each on one line."""
    last_seen_message_id: UUID | None = None
    """The newest message that the sender has seen; if the thread has a newer one, this message is refused."""


AnyMessage = NewWhatsAppMessage | NewEmailMessage | NewTemplateMessage


def _body_of(value: object) -> str:
    """Return which route's body this is: a template's has a template_name and, unlike all others, no channel."""
    is_template = isinstance(value, dict) and "template_name" in value and "channel" not in value
    return "TEMPLATE_BODY" if is_template else "CHANNEL_BODY"


MessageToPreview = Annotated[
    Annotated[NewMessage, Tag("CHANNEL_BODY")] | Annotated[NewTemplateMessage, Tag("TEMPLATE_BODY")],
    Discriminator(_body_of),
]
"""The body of any route that sends a message."""


class RetryOfMessage(RequestBody):
    """A request to send a message again."""

    confirm_not_delivered: bool = False
    """The user's confirmation that the message did not arrive; required if its status is unknown."""


class SentWhatsApp(BaseModel):
    """The guide's Test 4. `status` is queued until Exotel reports more."""

    message_id: UUID
    """The message's id."""
    message_sid: str | None
    """Exotel's id of the message; null until it is known."""
    status: MessageStatus
    """The message's status."""
    channel: Channel
    """The channel that it leaves on."""
    to: str
    """The number that it goes to."""
    created_at: datetime
    """When it was written."""


class SentEmail(BaseModel):
    """The guide's Test 6."""

    message_id: UUID
    """The message's id."""
    smtp_message_id: str
    """The mail's Message-ID, which is ours and known before the mail is sent."""
    status: MessageStatus
    """The message's status."""
    to: str
    """The address that it goes to."""
    subject: str
    """Its subject."""
    created_at: datetime
    """When it was written."""


class PreviewedRecipient(BaseModel):
    """A recipient of a previewed message."""

    address: str
    """The address or number."""
    role: Literal["to", "cc", "bcc"]
    """The field of the mail that names them."""
    reason: str
    """A sentence that says why they would get it."""


class PreviewedFile(BaseModel):
    """A file that a previewed mail would contain."""

    filename: str
    """Its name."""
    content_type: str
    """Its media type."""
    size_bytes: int
    """Its size in bytes."""
    content_id: str | None
    """The name by which the mail's HTML shows it; null for an attachment."""


class MessagePreview(BaseModel):
    """What sending would do: who would get what, from which mailbox or number. Nothing was sent or stored.

    The texts are complete: a mail's with its signature, a template's with its values, header and footer.
    """

    channel: Channel
    """The channel that it would be sent on."""
    sender: str
    """The mailbox or number that it would be sent from."""
    sender_name: str | None
    """The name shown with it; null if there is none."""
    recipients: list[PreviewedRecipient]
    """All recipients."""
    subject: str
    """Its subject; empty on WhatsApp."""
    content_text: str
    """Its text, as it would arrive."""
    content_html: str | None
    """Its HTML, as it would arrive; null if there is none."""
    attachments: list[PreviewedFile]
    """The files that it would contain."""


SentMessage = SentWhatsApp | SentEmail

SENT_MESSAGES: TypeAdapter[SentMessage] = TypeAdapter(SentMessage)
"""Reads an answer that was kept for an Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A request's Idempotency-Key and its route; the same user's request with both again is a repetition."""

    key: str
    route: str
