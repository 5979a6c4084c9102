"""WhatsApp templates, as last synced from the provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from banxway.models.integrations.integrations import TemplateSync
from banxway.models.integrations.whatsapp_template_rules import count_variables, why_not_usable
from banxway.models.integrations.whatsapp_templates import ProviderTemplate, WhatsAppTemplate
from banxway.storage.database import Transaction
from banxway.storage.storable_text import to_json


def list_all(transaction: Transaction) -> list[WhatsAppTemplate]:
    """Return the templates by name and language."""
    rows = transaction.all(
        """SELECT id, name, language, category, status, body, variables, not_usable, synced_at
           FROM whatsapp_templates
           ORDER BY name, language"""
    )
    return [WhatsAppTemplate(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class WhatsAppTemplateRow:
    """A WhatsApp template as sending reads it."""

    status: str
    body: str
    variables: int
    components: list[dict[str, Any]]
    not_usable: str | None


def find(transaction: Transaction, *, name: str, language: str) -> WhatsAppTemplateRow | None:
    """Return a template, or None."""
    return transaction.one_of(
        WhatsAppTemplateRow,
        """SELECT status, body, variables, components, not_usable FROM whatsapp_templates
           WHERE name = %s AND language = %s""",
        (name, language),
    )


def sync(
    transaction: Transaction, *, organization_id: UUID, templates: Sequence[ProviderTemplate]
) -> TemplateSync:
    """Bring the stored templates up to date with the provider's; templates that are gone there are deleted."""
    added = sum(_save(transaction, organization_id, template) for template in templates)
    removed = transaction.execute(
        "DELETE FROM whatsapp_templates WHERE (name || E'\\n' || language) <> ALL(%s)",
        ([f"{template.name}\n{template.language}" for template in templates],),
    )
    return TemplateSync(
        synced_templates=len(templates),
        new_templates=added,
        updated_templates=len(templates) - added,
        removed_templates=removed,
    )


def _save(transaction: Transaction, organization_id: UUID, template: ProviderTemplate) -> bool:
    row = transaction.one(
        """INSERT INTO whatsapp_templates
               (id, organization_id, name, language, category, status, body, variables, components,
                not_usable)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (organization_id, name, language) DO UPDATE
           SET category = excluded.category, status = excluded.status, body = excluded.body,
               variables = excluded.variables, components = excluded.components,
               not_usable = excluded.not_usable, synced_at = now()
           RETURNING xmax = 0 AS is_new""",
        (
            uuid4(),
            organization_id,
            template.name,
            template.language,
            template.category,
            template.status,
            template.body,
            count_variables(template.body),
            to_json(template.components),
            why_not_usable(template),
        ),
    )
    return bool(row and row["is_new"])
