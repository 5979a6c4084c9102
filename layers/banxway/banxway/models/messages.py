"""Messages to be sent, as agents ask for them, and what they are told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.fields import E164, Email, OneLine, RequestBody


class NewWhatsAppMessage(RequestBody):
    """Free text on WhatsApp (at most 4096 characters); `to` defaults to the customer's number."""

    channel: Literal["WHATSAPP"]
    content: str = Field(min_length=1, max_length=4096)
    to: E164 | None = None
    last_seen_message_id: UUID | None = None


class NewEmailMessage(RequestBody):
    """A mail; one of the two contents is enough, and `to` defaults to the customer's address."""

    channel: Literal["EMAIL"]
    to: Email | None = None
    subject: OneLine = Field(min_length=1, max_length=500)
    content_html: str | None = Field(default=None, max_length=500_000)
    content_text: str | None = Field(default=None, max_length=500_000)
    email_account_id: UUID | None = None
    last_seen_message_id: UUID | None = None

    @model_validator(mode="after")
    def _has_content(self) -> "NewEmailMessage":
        if not self.content_html and not self.content_text:
            raise ValueError("content_text or content_html is required")
        return self


NewMessage = Annotated[NewWhatsAppMessage | NewEmailMessage, Field(discriminator="channel")]


class NewTemplateMessage(RequestBody):
    """An approved template; `variables` fills {{1}}, {{2}} … by number, each on one line."""

    thread_id: UUID
    template_name: str = Field(min_length=1, max_length=512)
    language: str = Field(default="en", min_length=2, max_length=20)
    to: E164 | None = None
    variables: dict[str, OneLine] = Field(default_factory=dict, max_length=50)
    last_seen_message_id: UUID | None = None


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


SentMessage = SentWhatsApp | SentEmail


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's promise that a repeated request is the same: the Idempotency-Key, and the route it came on."""

    key: str
    route: str
