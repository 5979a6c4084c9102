"""Mail templates of an organization."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.storage.database import Transaction

_AT_ONCE = 20


def add(transaction: Transaction, values: dict[str, Any]) -> bool:
    """Insert a template from its column values; False if another template has its name."""
    row = transaction.one(
        """INSERT INTO email_templates
               (id, organization_id, created_by, name, subject, content_html, content_text)
           VALUES (%(id)s, %(organization_id)s, %(created_by)s, %(name)s, %(subject)s, %(content_html)s,
                   %(content_text)s)
           ON CONFLICT (organization_id, name) DO NOTHING RETURNING id""",
        values,
    )
    return row is not None


@dataclass(frozen=True, slots=True)
class EmailTemplateRow:
    """A mail template as it is stored."""

    id: UUID
    organization_id: UUID
    name: str
    subject: str
    content_html: str | None
    content_text: str | None
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


_COLUMNS = ", ".join(EmailTemplateRow.__slots__)


def list_after(transaction: Transaction, *, name: str | None, most: int) -> Iterator[EmailTemplateRow]:
    """Yield at most `most` templates in the order of their names, starting after `name`; reads a few at a time."""
    while most > 0:
        at_once = min(most, _AT_ONCE)
        rows = transaction.all_of(
            EmailTemplateRow,
            f"""SELECT {_COLUMNS} FROM email_templates WHERE %(name)s::text IS NULL OR name > %(name)s
               ORDER BY name LIMIT %(limit)s""",  # noqa: S608  # our own column names
            {"name": name, "limit": at_once},
        )
        yield from rows
        most = most - at_once if len(rows) == at_once else 0
        name = rows[-1].name if rows else name


def find(transaction: Transaction, template_id: UUID) -> EmailTemplateRow | None:
    """Return a template, or None."""
    return transaction.one_of(
        EmailTemplateRow,
        f"SELECT {_COLUMNS} FROM email_templates WHERE id = %s",  # noqa: S608  # our own column names
        (template_id,),
    )


def lock(transaction: Transaction, template_id: UUID) -> EmailTemplateRow | None:
    """Lock a template until the commit and return it, or None."""
    return transaction.one_of(
        EmailTemplateRow,
        f"SELECT {_COLUMNS} FROM email_templates WHERE id = %s FOR NO KEY UPDATE",  # noqa: S608  # the same
        (template_id,),
    )


def change(transaction: Transaction, template_id: UUID, columns: dict[str, Any]) -> bool:
    """Change columns of a template; False if another one has the name: then the transaction must be rolled back."""
    from psycopg.errors import UniqueViolation

    given = ", ".join(f"{name} = %({name})s" for name in columns)
    try:
        transaction.execute(
            f"UPDATE email_templates SET {given}, updated_at = now() WHERE id = %(id)s",  # noqa: S608  # our own column names
            {**columns, "id": template_id},
        )
    except UniqueViolation:
        return False
    return True


def remove(transaction: Transaction, template_id: UUID) -> None:
    """Delete a template."""
    transaction.execute("DELETE FROM email_templates WHERE id = %s", (template_id,))
