"""Integrations, their credentials and settings, and whether they are verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from banxway.models.auto_replies.business_hours import in_week_order
from banxway.models.integrations.integrations import (
    REFUSALS,
    UNTESTED_ENVIRONMENT,
    Badge,
    Doubt,
    Integration,
    why_unverified,
)
from banxway.models.values.versions import ABSENT, version_of
from banxway.models.words import IntegrationType
from banxway.storage.database import Transaction
from banxway.storage.email_sync.inbound_hours import proven_at
from banxway.storage.rows import columns_of
from banxway.storage.storable_text import to_json


@dataclass(frozen=True, slots=True)
class IntegrationRow:
    """An integration as it is stored, with its settings; its credentials are encrypted."""

    id: UUID
    integration_type: IntegrationType
    credentials_encrypted: str
    display_name: str | None
    is_active: bool
    is_verified: bool
    last_verified_at: datetime | None
    created_at: datetime
    updated_at: datetime
    settings: dict[str, Any]
    callback_generation: int
    doubt: Doubt | None
    doubt_reason: str | None
    credentials_changed_at: datetime | None
    credentials_expire_on: date | None
    phone_number_count: int
    inbound_last_proven_at: datetime | None


@dataclass(frozen=True, slots=True)
class StandIn:
    """An integration from the deployment's environment variables: it has no row, and its secrets are not sealed."""

    integration_type: str
    settings: dict[str, Any]
    secrets: dict[str, str]
    id: None = None
    is_active: bool = True
    is_verified: bool = False
    phone_number_count: int = 0
    inbound_last_proven_at: datetime | None = None


AnyIntegration = IntegrationRow | StandIn


@dataclass(frozen=True, slots=True)
class ActiveRow:
    """An active integration, by its type."""

    id: UUID
    organization_id: UUID
    integration_type: str


_SUBJECT = """CASE i.integration_type WHEN 'zoho_mail' THEN (
               SELECT a.id::text FROM email_accounts a
               WHERE a.organization_id = i.organization_id AND a.email = s.settings->>'email')
           ELSE i.integration_type END"""
_SELECT = f"""
    SELECT i.id, i.integration_type, i.credentials_encrypted, i.display_name, i.is_active, i.is_verified,
           i.last_verified_at, i.created_at, i.updated_at, coalesce(s.settings, '{{}}') AS settings,
           coalesce(s.callback_generation, 1) AS callback_generation, s.doubt, s.doubt_reason,
           s.credentials_changed_at, s.credentials_expire_on,
           (SELECT count(*) FROM organization_phone_numbers n
            WHERE n.integration_id = i.id AND n.is_active) AS phone_number_count,
           {proven_at(organization_id="i.organization_id", subject=_SUBJECT)} AS inbound_last_proven_at
    FROM integration_credentials i LEFT JOIN integration_settings s ON s.integration_id = i.id
"""  # noqa: S608  # our own column names
_SAVE = """
    INSERT INTO integration_credentials
        (id, organization_id, integration_type, credentials_encrypted, display_name, is_active, is_verified,
         last_verified_at, created_by)
    VALUES (%(id)s, %(organization)s, %(type)s, %(sealed)s, %(name)s, true, %(verified)s,
            CASE WHEN %(verified)s THEN now() END, %(user)s)
    ON CONFLICT (organization_id, integration_type) DO UPDATE
    SET credentials_encrypted = excluded.credentials_encrypted, display_name = excluded.display_name,
        is_active = true, is_verified = excluded.is_verified, updated_at = now(),
        last_verified_at = coalesce(excluded.last_verified_at, integration_credentials.last_verified_at)
"""
# The day on which credentials expire belongs to them: new credentials start without one.
_SAVE_SETTINGS = """
    INSERT INTO integration_settings
        (organization_id, integration_id, settings, doubt, doubt_reason, credentials_expire_on)
    VALUES (%(organization)s, %(id)s, %(settings)s,
            CASE WHEN %(failure)s::text IS NOT NULL THEN 'saved_by_force' END, %(failure)s, %(expire)s)
    ON CONFLICT (integration_id) DO UPDATE
    SET settings = excluded.settings, doubt = excluded.doubt, doubt_reason = excluded.doubt_reason,
        credentials_expire_on = coalesce(excluded.credentials_expire_on,
            CASE WHEN NOT %(new)s THEN integration_settings.credentials_expire_on END),
        credentials_changed_at =
            CASE WHEN %(new)s THEN now() ELSE integration_settings.credentials_changed_at END
"""


def find(transaction: Transaction, integration_type: str) -> IntegrationRow | None:
    """Return the organization's integration of a type with its settings, or None."""
    return transaction.one_of(IntegrationRow, _SELECT + " WHERE i.integration_type = %s", (integration_type,))


def lock(transaction: Transaction, *, organization_id: UUID, integration_type: str) -> IntegrationRow | None:
    """Lock an integration until the commit, so that no one else saves or deletes it, and return what `find` does."""
    # A row that does not exist yet cannot be locked, and two who add it must not seal for two ids.
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id} {integration_type}",)
    )
    return find(transaction, integration_type)


def hidden_types(transaction: Transaction, user_id: UUID) -> set[str]:
    """Return the integration types that are hidden from a user."""
    rows = transaction.all(
        "SELECT integration_type FROM user_integration_permissions WHERE user_id = %s AND NOT can_view",
        (user_id,),
    )
    return {row["integration_type"] for row in rows}


def find_by_id(transaction: Transaction, integration_id: UUID) -> IntegrationRow | None:
    """Return an integration with its settings, or None."""
    return transaction.one_of(IntegrationRow, _SELECT + " WHERE i.id = %s", (integration_id,))


def list_all(transaction: Transaction) -> list[Integration]:
    """Return the organization's integrations, by type."""
    return [to_model(row) for row in list_rows(transaction)]


def list_rows(transaction: Transaction) -> list[IntegrationRow]:
    """Return the rows of the organization's integrations with their settings, by type."""
    return transaction.all_of(IntegrationRow, _SELECT + " ORDER BY i.integration_type")


def list_active(
    transaction: Transaction, *, types: Sequence[str], after: UUID, limit: int
) -> list[ActiveRow]:
    """Return the active integrations of these types after an id, by id; for the system scope."""
    return transaction.all_of(
        ActiveRow,
        """SELECT id, organization_id, integration_type FROM integration_credentials
           WHERE is_active AND integration_type = ANY(%s) AND id > %s ORDER BY id LIMIT %s""",
        (list(types), after, limit),
    )


def to_model(row: AnyIntegration, *, callback_url: str | None = None) -> Integration:
    """Return an integration as users see it: without credentials, with its badge and what made it unverified."""
    status: Badge = "Inactive" if not row.is_active else "Active" if row.is_verified else "Unverified"
    stored = columns_of(row)
    shown = {name: stored.get(name) for name in Integration.model_fields}
    settings = dict(row.settings)
    if "business_hours" in settings:
        settings["business_hours"] = in_week_order(settings["business_hours"])
    more: dict[str, Any] = {
        "settings": settings,
        "status": status,
        "unverified_because": _why_unverified(row),
        "needs_attention": isinstance(row, IntegrationRow) and not row.is_verified and row.doubt in REFUSALS,
        "callback_url": callback_url,
        "version": version(row if isinstance(row, IntegrationRow) else None),
        "source": "database" if isinstance(row, IntegrationRow) else "environment",
    }
    return Integration(**{**shown, **more})


def version(row: IntegrationRow | None) -> str:
    """Return the version of an integration's settings and credentials, as Integration has it; None is none."""
    if row is None:
        return ABSENT
    names = ("id", "display_name", "is_active", "settings", "callback_generation")
    times = ("credentials_changed_at", "credentials_expire_on")
    return version_of(*(getattr(row, name) for name in (*names, *times)))


def _why_unverified(row: AnyIntegration) -> str | None:
    if row.is_verified:
        return None
    if isinstance(row, StandIn):
        return UNTESTED_ENVIRONMENT
    return why_unverified(row.doubt, row.doubt_reason)


def save(
    transaction: Transaction,
    *,
    integration_id: UUID,
    organization_id: UUID,
    integration_type: str,
    credentials_encrypted: str,
    display_name: str | None,
    settings: dict[str, Any],
    created_by: UUID,
    failure: str | None,
    expire_on: date | None,
    are_credentials_new: bool,
) -> None:
    """Insert or replace an integration whose credentials were just tested; call it under `lock`.

    `failure` is what the test found wrong, None if it worked.
    """
    values = {
        "id": integration_id,
        "organization": organization_id,
        "type": integration_type,
        "sealed": credentials_encrypted,
        "name": display_name,
        "verified": failure is None,
        "user": created_by,
        "settings": to_json(settings),
        "failure": failure,
        "expire": expire_on,
        "new": are_credentials_new,
    }
    transaction.execute(_SAVE, values)
    transaction.execute(_SAVE_SETTINGS, values)


def set_waba_id(transaction: Transaction, integration_id: UUID, waba_id: str | None) -> None:
    """Set the WhatsApp Business Account id; None removes it."""
    transaction.execute(
        """UPDATE integration_settings SET settings = jsonb_strip_nulls(
               settings || jsonb_build_object('waba_id', %s::text)) WHERE integration_id = %s""",
        (waba_id, integration_id),
    )


def expire_on(transaction: Transaction, integration_id: UUID, day: date | None) -> None:
    """Set the day on which the credentials expire at the provider; None if it is unknown."""
    transaction.execute(
        "UPDATE integration_settings SET credentials_expire_on = %s WHERE integration_id = %s",
        (day, integration_id),
    )


def change(transaction: Transaction, integration_id: UUID, columns: dict[str, Any]) -> None:
    """Change `display_name` and `is_active`, those that are given."""
    given = ", ".join(f"{name} = %({name})s" for name in ("display_name", "is_active") if name in columns)
    transaction.execute(
        f"UPDATE integration_credentials SET {given or 'id = id'}, updated_at = now() WHERE id = %(id)s",  # noqa: S608  # our own column names
        {**columns, "id": integration_id},
    )


def revoke_callback_url(transaction: Transaction, integration_id: UUID) -> None:
    """Raise the generation that callback URLs must name, so that all earlier URLs are refused."""
    transaction.execute(
        "UPDATE integration_settings SET callback_generation = callback_generation + 1 WHERE integration_id = %s",
        (integration_id,),
    )


def mark_verified(transaction: Transaction, row: IntegrationRow) -> bool:
    """Mark an integration as verified: these credentials have just worked. False if others are stored by now."""
    marked = transaction.execute(
        """UPDATE integration_credentials SET is_verified = true, last_verified_at = now()
           WHERE id = %s AND credentials_encrypted = %s""",
        (row.id, row.credentials_encrypted),
    )
    if marked:
        transaction.execute(
            "UPDATE integration_settings SET doubt = NULL, doubt_reason = NULL WHERE integration_id = %s",
            (row.id,),
        )
    return bool(marked)


def remove(transaction: Transaction, integration_id: UUID) -> None:
    """Delete an integration with its credentials; its phone numbers stay, inactive."""
    transaction.execute(
        "UPDATE organization_phone_numbers SET is_active = false, is_primary = false, updated_at = now() "
        "WHERE integration_id = %s",
        (integration_id,),
    )
    transaction.execute("DELETE FROM integration_credentials WHERE id = %s", (integration_id,))


def mark_denied(transaction: Transaction, integration_type: str, *, doubt: Doubt, reason: str) -> bool:
    """Mark an integration as unverified: its provider refused the credentials. False if it is unverified already.

    `reason` is a sentence that says what was refused; it replaces the one before.
    """
    transaction.execute(
        """UPDATE integration_settings SET doubt = %s, doubt_reason = %s WHERE integration_id =
               (SELECT id FROM integration_credentials WHERE integration_type = %s)""",
        (doubt, reason, integration_type),
    )
    marked = transaction.execute(
        """UPDATE integration_credentials SET is_verified = false, updated_at = now()
           WHERE integration_type = %s AND is_verified""",
        (integration_type,),
    )
    return bool(marked)
