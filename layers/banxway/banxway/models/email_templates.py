"""Mail templates: subject and contents with {{variables}}, and the result of rendering one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.changes import ChangeBody
from banxway.models.fields import FieldProblem, Label, OneLine, RequestBody
from banxway.models.integrations.checks import WithNotes

LONGEST_SUBJECT = 500
LONGEST_CONTENT = 200_000

Variables = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=64)],
        Annotated[str, Field(max_length=10_000)],
    ],
    Field(max_length=100),
]
"""The values of a template's variables, by name."""

_Name = Annotated[Label, Field(min_length=1, max_length=100)]
_Subject = Annotated[OneLine, Field(min_length=1, max_length=LONGEST_SUBJECT)]
_Content = Annotated[str, Field(max_length=LONGEST_CONTENT)]


class NewEmailTemplate(RequestBody):
    """A new template; {{name}} is a variable in the subject and the contents. At least one content is required."""

    name: _Name
    """The team's name for the template."""
    subject: _Subject
    """The subject, with {{variables}}."""
    content_html: _Content | None = None
    """The HTML, with {{variables}}; required if there is no `content_text`."""
    content_text: _Content | None = None
    """The text, with {{variables}}; required if there is no `content_html`."""

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if not self.content_html and not self.content_text:
            raise FieldProblem("content_text", "content_text or content_html is required")
        return self


class EmailTemplateChange(ChangeBody):
    """The change of a template; null removes a content, as long as the other one stays."""

    may_be_null = frozenset({"content_html", "content_text"})

    name: _Name | None = None
    """The team's name for the template."""
    subject: _Subject | None = None
    """The subject, with {{variables}}."""
    content_html: _Content | None = None
    """The HTML, with {{variables}}; null removes it."""
    content_text: _Content | None = None
    """The text, with {{variables}}; null removes it."""


class EmailTemplate(WithNotes):
    """A template as users see it.

    `notes` names text in double braces that is not a variable, and so is sent unchanged. `is_cut` is true if the
    list shortens a content; GET on the template returns it whole.
    """

    id: UUID
    """The template's id."""
    name: str
    """The team's name for the template."""
    subject: str
    """The subject, with {{variables}}."""
    content_html: str | None
    """The HTML, with {{variables}}; null if there is none."""
    content_text: str | None
    """The text, with {{variables}}; null if there is none."""
    variables: list[str]
    """The names of its variables, in the order of their first use."""
    is_cut: bool
    """Whether a content is shortened."""
    version: str
    """The version of these settings; send it as If-Match with a change."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""


class TemplatePreview(RequestBody):
    """The values to render a template with, to see what would be sent."""

    variables: Variables = Field(default_factory=dict)
    """The value of each variable, by its name."""


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """A rendered template; `html` or `text` is None if the template has none, never both."""

    subject: str
    html: str | None
    text: str | None


class PreviewedEmail(BaseModel):
    """The mail that sending this template would make."""

    subject: str
    """The rendered subject."""
    content_html: str | None
    """The rendered HTML; null if the template has none."""
    content_text: str
    """The rendered text; derived from the HTML if the template has none."""
