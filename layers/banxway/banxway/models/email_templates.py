"""Mail templates: subject and contents with {{variables}}, and what filling one yields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.changes import ChangeBody
from banxway.models.fields import FieldProblem, Label, OneLine, RequestBody
from banxway.models.integrations.checks import Noted

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
    """What the team calls the template."""
    subject: _Subject
    """The subject, with {{variables}}."""
    content_html: _Content | None = None
    """The HTML, with {{variables}}; one of the two contents is needed."""
    content_text: _Content | None = None
    """The text, with {{variables}}; one of the two contents is needed."""

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if not self.content_html and not self.content_text:
            raise FieldProblem("content_text", "content_text or content_html is required")
        return self


class EmailTemplateChange(ChangeBody):
    """What is to be different; a content of null is removed, as long as the other one stays."""

    may_be_null = frozenset({"content_html", "content_text"})

    name: _Name | None = None
    """What the team calls the template."""
    subject: _Subject | None = None
    """The subject, with {{variables}}."""
    content_html: _Content | None = None
    """The HTML, with {{variables}}; null removes it."""
    content_text: _Content | None = None
    """The text, with {{variables}}; null removes it."""


class EmailTemplate(Noted):
    """A template as everybody sees it.

    `variables` are the names that it wants filled, in the order of their first use. `notes` names what is in
    double braces without being a variable, and so is sent unchanged. `is_cut` says that the list shortens what
    is long of it: asked for by its id, it comes whole.
    """

    id: UUID
    """The template's id."""
    name: str
    """What the team calls the template."""
    subject: str
    """The subject, with {{variables}}."""
    content_html: str | None
    """The HTML, with {{variables}}; null where there is none."""
    content_text: str | None
    """The text, with {{variables}}; null where there is none."""
    variables: list[str]
    """The names that it wants filled, in the order of their first use."""
    is_cut: bool
    """Whether a content is shortened here."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""


class TemplatePreview(RequestBody):
    """What to fill a template with, to see what would be sent."""

    variables: Variables = Field(default_factory=dict)
    """What each variable is filled with, by its name."""


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """A filled template; `html` or `text` is None where the template has none, never both."""

    subject: str
    html: str | None
    text: str | None


class PreviewedEmail(BaseModel):
    """What sending this template would say; `content_text` is derived from the HTML where there is none."""

    subject: str
    """The subject, filled."""
    content_html: str | None
    """The HTML, filled; null where the template has none."""
    content_text: str
    """The text, filled; derived from the HTML where the template has none."""
