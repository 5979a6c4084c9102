"""Mail templates, filled by substitution alone: in one pass, without expressions, and with values escaped in HTML."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from banxway.errors import Conflict, NotFound, ValidationFailed
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.email_templates import (
    LONGEST_SUBJECT,
    EmailTemplate,
    EmailTemplateChange,
    NewEmailTemplate,
    PreviewedEmail,
    RenderedTemplate,
    TemplatePreview,
)
from banxway.models.pages import Cursors, Page, PageQuery, cut_items, cut_text, fill_page
from banxway.models.values.versions import version_of
from banxway.providers.base import Providers
from banxway.security.redaction import masked_pairs
from banxway.services.email_templates.insertion_contexts import InsertionContext, contexts_of
from banxway.storage import email_templates
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Database, Transaction
from banxway.storage.email_templates import EmailTemplateRow
from banxway.storage.rows import columns_of

_CURSORS = Cursors("email templates", str)
_LONGEST_LISTED = 50_000  # in bytes on the wire
_VARIABLE = re.compile(r"\{\{[ \t]{0,20}([A-Za-z_][A-Za-z0-9_]{0,63})[ \t]{0,20}\}\}")
_BRACES = re.compile(r"\{\{[^{}]{0,100}\}\}")
_PARTS = ("subject", "content_html", "content_text")
# Control characters, and separators that some programs treat as line ends.
_LINE_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_SAFE_LINK = re.compile(r"(?i)(?:https?://|mailto:|tel:)")


def render(template: EmailTemplateRow, variables: Mapping[str, str]) -> RenderedTemplate:
    """Fill a template's row by substitution alone: a variable inside a value is not filled.

    Values are escaped in the HTML, and must be on one line in the subject. Raises ValidationFailed naming
    `variables.<name>` for a variable that is missing, unknown, or not allowed in its context.
    """
    wanted = variables_of(template)
    for name in wanted:
        if name not in variables:
            raise _refused(name, "is missing: the template needs it")
    for name in variables:
        if name not in wanted:
            raise _refused(
                name, f"is not a variable of this template, which has {', '.join(wanted) or 'none'}"
            )
    return RenderedTemplate(
        subject=_filled_subject(template.subject, variables),
        html=_filled_html(template.content_html, variables),
        text=_filled(template.content_text, variables),
    )


def variables_of(template: EmailTemplateRow) -> list[str]:
    """Return the names of a template's variables in the order of their first use."""
    names = (found[1] for part in _PARTS for found in _VARIABLE.finditer(getattr(template, part) or ""))
    return list(dict.fromkeys(names))


def _filled(text: str | None, variables: Mapping[str, str]) -> str | None:
    return None if text is None else _VARIABLE.sub(lambda found: variables[found[1]], text)


def _filled_subject(subject: str, variables: Mapping[str, str]) -> str:
    for name in {found[1] for found in _VARIABLE.finditer(subject)}:
        if _LINE_BREAKS.search(variables[name]):
            raise _refused(name, "must be on one line: it is part of the subject")
    filled = _VARIABLE.sub(lambda found: variables[found[1]], subject).strip()
    if not 1 <= len(filled) <= LONGEST_SUBJECT:
        raise ValidationFailed(
            f"variables: the filled subject must have 1 to {LONGEST_SUBJECT} characters", field="variables"
        )
    return filled


def _filled_html(content: str | None, variables: Mapping[str, str]) -> str | None:
    if content is None:
        return None
    for found, context in _in_context(content):
        if context is InsertionContext.LINK_START and not _SAFE_LINK.match(variables[found[1]]):
            raise _refused(found[1], "must begin with https://, http://, mailto: or tel: to be a link")
    return _VARIABLE.sub(lambda found: html.escape(variables[found[1]]), content)


def _in_context(content: str) -> Iterator[tuple[re.Match[str], InsertionContext]]:
    found = list(_VARIABLE.finditer(content))
    return zip(found, contexts_of(content, [each.start() for each in found]), strict=True)


def _refused(name: str, rule: str) -> ValidationFailed:
    return ValidationFailed(f"variables.{name} {rule}", field=f"variables.{name}")


class EmailTemplates:
    """Lists, saves, changes, removes and previews an organization's mail templates."""

    def __init__(self, database: Database, *, providers: Providers, new_id: NewId) -> None:
        self._database = database
        self._providers = providers
        self._new_id = new_id

    def list_page(self, *, actor: Actor, query: PageQuery) -> Page[EmailTemplate]:
        """Return templates by name, long contents cut. Raises ValidationFailed for a foreign cursor."""
        (name,) = _CURSORS.read(query.cursor) or (None,)
        with self._database.as_actor(actor) as transaction:
            rows = email_templates.list_after(transaction, name=name, most=query.limit + 1)
            return fill_page(
                (_in_short(_shown(row)) for row in rows),
                limit=query.limit,
                cursor_of=lambda template: _CURSORS.write(template.name),
            )

    def get(self, *, actor: Actor, template_id: UUID) -> EmailTemplate:
        """Return one template. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            return _shown(_require(transaction, template_id))

    def create(self, *, actor: Actor, template: NewEmailTemplate) -> EmailTemplate:
        """Save a template.

        Raises ValidationFailed for a variable in a context where no value is safe, Conflict for a known name.
        """
        columns = template.model_dump()
        _refuse_unsafe_contexts(columns["content_html"])
        identity = {
            "id": self._new_id(),
            "organization_id": actor.organization_id,
            "created_by": actor.user_id,
        }
        with self._database.as_actor(actor) as transaction:
            if not email_templates.add(transaction, {**identity, **columns}):
                raise _known_name()
            row = _require(transaction, identity["id"])
            _audit(transaction, actor, "email_template.create", row, after=columns)
            return _shown(row)

    def update(
        self, *, actor: Actor, template_id: UUID, change: EmailTemplateChange, based_on: str | None = None
    ) -> EmailTemplate:
        """Change a template; messages that were sent with it stay unchanged.

        Raises NotFound, ChangedMeanwhile, Conflict for a known name, and ValidationFailed as `create` does.
        """
        columns = change.model_dump(exclude_unset=True)
        with self._database.as_actor(actor) as transaction:
            before = _found(email_templates.lock(transaction, template_id))
            require_version(
                transaction,
                based_on,
                _version(before),
                actions=("email_template.update",),
                about={"template_id": str(template_id)},
            )
            after = {**columns_of(before), **columns}
            if not after["content_html"] and not after["content_text"]:
                raise ValidationFailed("content_text or content_html is required", field="content_text")
            _refuse_unsafe_contexts(after["content_html"])
            if not email_templates.change(transaction, template_id, columns):
                raise _known_name()
            old = {name: getattr(before, name) for name in columns}
            _audit(transaction, actor, "email_template.update", before, before=old, after=columns)
            return _shown(_require(transaction, template_id))

    def delete(self, *, actor: Actor, template_id: UUID) -> None:
        """Remove a template; messages that were sent with it stay. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            row = _require(transaction, template_id)
            email_templates.remove(transaction, template_id)
            _audit(transaction, actor, "email_template.delete", row, before={"name": row.name})

    def preview(self, *, actor: Actor, template_id: UUID, preview: TemplatePreview) -> PreviewedEmail:
        """Return the mail that a template with these variables makes. Raises NotFound, and as `render` does."""
        with self._database.as_actor(actor) as transaction:
            rendered = render(_require(transaction, template_id), preview.variables)
        text = rendered.text or self._providers.html_to_text(rendered.html or "")
        return PreviewedEmail(subject=rendered.subject, content_html=rendered.html, content_text=text)


def _require(transaction: Transaction, template_id: UUID) -> EmailTemplateRow:
    return _found(email_templates.find(transaction, template_id))


def _found(row: EmailTemplateRow | None) -> EmailTemplateRow:
    if row is None:
        raise NotFound("Email template not found")
    return row


def _known_name() -> Conflict:
    return Conflict("A template with this name exists already", field="name")


def _refuse_unsafe_contexts(content: str | None) -> None:
    """Raise ValidationFailed for a variable whose value could become markup or script although it is escaped."""
    for found, context in _in_context(content or ""):
        if context is InsertionContext.UNSAFE:
            raise ValidationFailed(
                f"content_html: {found[0]} must be in text or in a quoted attribute, "
                "never in a tag's name, a script, a style sheet or an on… attribute",
                field="content_html",
            )


def _shown(row: EmailTemplateRow) -> EmailTemplate:
    notes = [
        f"{part}: {found[0]} is not a variable, so it is sent unchanged"
        for part in _PARTS
        for found in _BRACES.finditer(getattr(row, part) or "")
        if not _VARIABLE.fullmatch(found[0])
    ]
    stored = columns_of(row)
    fields = {name: stored[name] for name in EmailTemplate.model_fields if name in stored}
    return EmailTemplate(
        **fields, variables=variables_of(row), notes=notes[:20], is_cut=False, version=_version(row)
    )


def _version(row: EmailTemplateRow) -> str:
    return version_of(*(getattr(row, name) for name in EmailTemplateChange.model_fields))


def _in_short(template: EmailTemplate) -> EmailTemplate:
    """Return a template with long contents cut, for the list; `get` returns it whole."""
    html, text = (
        None if content is None else cut_text(content, most_bytes=_LONGEST_LISTED)
        for content in (template.content_html, template.content_text)
    )
    variables = cut_items(template.variables, most_bytes=_LONGEST_LISTED)
    short = {"content_html": html, "content_text": text, "variables": variables}
    is_cut = any(getattr(template, name) != value for name, value in short.items())
    return template.model_copy(update={**short, "is_cut": is_cut})


def _audit(
    transaction: Transaction,
    actor: Actor,
    action: str,
    row: EmailTemplateRow,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    sides = zip(("before", "after"), masked_pairs(_short(before), _short(after)), strict=True)
    audit.append(
        transaction,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        action=action,
        succeeded=True,
        details={
            "template_id": str(row.id),
            "name": row.name,
            **{side: values for side, values in sides if values is not None},
        },
    )


def _short(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return values with long contents cut, to keep an audit entry small; the beginning identifies the content."""
    if values is None:
        return None
    return {
        name: f"{value[:1000]}… ({len(value)} characters)" if value and len(value) > 1000 else value
        for name, value in values.items()
    }
