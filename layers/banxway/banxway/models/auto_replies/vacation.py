"""Vacation responders: what a manager sets for a mailbox, and what users see."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, computed_field, model_validator

from banxway.models.fields import FieldProblem, Instant, OneLine, RequestBody
from banxway.models.values.versions import version_of


class VacationSettings(RequestBody):
    """The complete settings of a mailbox's vacation responder."""

    is_active: bool
    """Whether it answers."""
    starts_at: Instant | None = None
    """When it starts to answer; null is at once."""
    ends_at: Instant | None = None
    """When it stops answering, later than `starts_at`; null is when it is switched off."""
    subject: OneLine = Field(default="", max_length=200)
    """The answer's subject; if empty, "Auto: " and the mail's subject (RFC 3834, 3.1.5)."""
    content_text: str = Field(default="", max_length=20_000)
    """The answer's text; while it is active, this or `content_html` is required."""
    content_html: str | None = Field(default=None, max_length=100_000)
    """The answer's HTML; while it is active, this or `content_text` is required."""
    repeat_after_days: int = Field(default=7, ge=1, le=90)
    """After how many days a person who writes again gets another answer."""

    @model_validator(mode="after")
    def _can_answer(self) -> "VacationSettings":
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise FieldProblem("ends_at", "must be later than starts_at")
        if self.is_active and not self.content_text and not self.content_html:
            raise FieldProblem("content_text", "content_text or content_html is required")
        return self


class VacationResponder(BaseModel):
    """A mailbox's vacation responder. It answers only mail that arrived after `activated_at`."""

    account_id: UUID
    """The mailbox."""
    is_active: bool
    """Whether it answers."""
    starts_at: datetime | None
    """When it starts to answer; null is at once."""
    ends_at: datetime | None
    """When it stops answering; null is when it is switched off."""
    subject: str
    """The answer's subject; if empty, "Auto: " and the mail's subject."""
    content_text: str
    """The answer's text."""
    content_html: str | None
    """The answer's HTML; null if there is none."""
    repeat_after_days: int
    """After how many days a person who writes again gets another answer."""
    activated_at: datetime | None
    """When it was switched on; null while it is off."""
    updated_at: datetime | None
    """When it was last changed; null if it never was."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def version(self) -> str:
        """The version of these settings; send it as If-Match with a change."""
        return version_of(self.model_dump(mode="json", include=set(VacationSettings.model_fields)))
