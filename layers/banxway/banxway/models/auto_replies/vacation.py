"""Vacation responders: what a manager sets for a mailbox, and what anybody is shown."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.fields import FieldProblem, Instant, OneLine, RequestBody


class VacationSettings(RequestBody):
    """A mailbox's vacation responder, whole.

    Without `starts_at` it starts at once, without `ends_at` it goes on until it is switched off. Without a
    subject an answer's is "Auto: " and the mail's own (RFC 3834, 3.1.5). Somebody who writes again is answered
    again after `repeat_after_days`.
    """

    is_active: bool
    """Whether it answers."""
    starts_at: Instant | None = None
    """From when it answers; null is at once."""
    ends_at: Instant | None = None
    """Until when it answers, later than `starts_at`; null is until it is switched off."""
    subject: OneLine = Field(default="", max_length=200)
    """The answer's subject; empty is "Auto: " and the mail's own."""
    content_text: str = Field(default="", max_length=20_000)
    """The answer's text; a content is needed while it is active."""
    content_html: str | None = Field(default=None, max_length=100_000)
    """The answer's HTML; a content is needed while it is active."""
    repeat_after_days: int = Field(default=7, ge=1, le=90)
    """After how many days somebody who writes again is answered again."""

    @model_validator(mode="after")
    def _can_answer(self) -> "VacationSettings":
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise FieldProblem("ends_at", "must be later than starts_at")
        if self.is_active and not self.content_text and not self.content_html:
            raise FieldProblem("content_text", "content_text or content_html is required")
        return self


class VacationResponder(BaseModel):
    """A mailbox's vacation responder. It answers only what arrived after `activated_at`; null while it is off."""

    account_id: UUID
    """The mailbox."""
    is_active: bool
    """Whether it answers."""
    starts_at: datetime | None
    """From when it answers; null is at once."""
    ends_at: datetime | None
    """Until when it answers; null is until it is switched off."""
    subject: str
    """The answer's subject; empty is "Auto: " and the mail's own."""
    content_text: str
    """The answer's text."""
    content_html: str | None
    """The answer's HTML; null where there is none."""
    repeat_after_days: int
    """After how many days somebody who writes again is answered again."""
    activated_at: datetime | None
    """When it was switched on; it answers only later mail; null while it is off."""
    updated_at: datetime | None
    """When it was last changed; null before the first time."""
