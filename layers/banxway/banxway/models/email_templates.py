"""Mail templates: subject and contents with {{variables}}, and what filling one yields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.account_checks import Noted
from banxway.models.fields import Label, OneLine, RequestBody

LONGEST_SUBJECT = 500
LONGEST_CONTENT = 200_000

Variables = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=64)],
        Annotated[str, Field(max_length=10_000)],
    ],
    Field(max_length=100),
]
"""What fills a template, by the variable's name."""

_Name = Annotated[Label, Field(min_length=1, max_length=100)]
_Subject = Annotated[OneLine, Field(min_length=1, max_length=LONGEST_SUBJECT)]
_Content = Annotated[str, Field(max_length=LONGEST_CONTENT)]


class NewEmailTemplate(RequestBody):
    """A template: {{name}} stands for a variable in subject and contents; one of the two contents is enough."""

    name: _Name
    subject: _Subject
    content_html: _Content | None = None
    content_text: _Content | None = None

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if not self.content_html and not self.content_text:
            raise ValueError("content_text or content_html is required")
        return self


class EmailTemplateChange(RequestBody):
    """What is to be different; a content of null is removed, as long as the other one stays."""

    name: _Name | None = None
    subject: _Subject | None = None
    content_html: _Content | None = None
    content_text: _Content | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Nothing to change: give name, subject, content_html or content_text")
        for name in ("name", "subject"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


class EmailTemplate(Noted):
    """A template as everybody sees it.

    `variables` are the names that it wants filled, in the order of their first use. `notes` names what is in
    double braces without being a variable, and so is sent unchanged. `is_cut` says that the list shortens what
    is long of it: asked for by its id, it comes whole.
    """

    id: UUID
    name: str
    subject: str
    content_html: str | None
    content_text: str | None
    variables: list[str]
    is_cut: bool
    created_at: datetime
    updated_at: datetime


class TemplatePreview(RequestBody):
    """What to fill a template with, to see what would be sent."""

    variables: Variables = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """A filled template; `html` or `text` is None where the template has none, never both."""

    subject: str
    html: str | None
    text: str | None


class PreviewedEmail(BaseModel):
    """What sending this template would say; `content_text` is derived from the HTML where there is none."""

    subject: str
    content_html: str | None
    content_text: str
