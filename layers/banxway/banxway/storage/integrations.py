"""Integrations, their settings and what is synced with them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from banxway.models.integrations import Badge, Integration
from banxway.storage.database import Row, Transaction
from banxway.storage.texts import to_json

_SELECT = """
    SELECT i.id, i.integration_type, i.credentials_encrypted, i.display_name, i.is_active, i.is_verified,
           i.last_verified_at, i.created_at, i.updated_at, coalesce(s.settings, '{}') AS settings,
           coalesce(s.callback_generation, 1) AS callback_generation,
           (SELECT count(*) FROM organization_phone_numbers n
            WHERE n.integration_id = i.id AND n.is_active) AS phone_number_count
    FROM integration_credentials i LEFT JOIN integration_settings s ON s.integration_id = i.id
"""


def find(transaction: Transaction, integration_type: str) -> Row | None:
    """Return the organization's integration of a type with its settings, or None."""
    return transaction.one(_SELECT + " WHERE i.integration_type = %s", (integration_type,))


def hold(transaction: Transaction, *, organization_id: UUID, integration_type: str) -> Row | None:
    """Return what `find` does, with others who would save or delete it held off until the transaction ends."""
    # A row that does not exist yet cannot be locked, and two who add it must not seal for two ids.
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id} {integration_type}",)
    )
    return find(transaction, integration_type)


def hidden_types(transaction: Transaction, user_id: UUID) -> set[str]:
    """Return the types that a user may not even see."""
    rows = transaction.all(
        "SELECT integration_type FROM user_integration_permissions WHERE user_id = %s AND NOT can_view",
        (user_id,),
    )
    return {row["integration_type"] for row in rows}


def find_by_id(transaction: Transaction, integration_id: UUID) -> Row | None:
    """Return an integration with its settings, or None."""
    return transaction.one(_SELECT + " WHERE i.id = %s", (integration_id,))


def list_all(transaction: Transaction) -> list[Integration]:
    """Return the organization's integrations, by type."""
    return [to_model(row) for row in transaction.all(_SELECT + " ORDER BY i.integration_type")]


def list_active(transaction: Transaction, *, types: Sequence[str], after: UUID, limit: int) -> list[Row]:
    """Return {id, organization_id, integration_type} of active integrations, by id; for the system scope."""
    return transaction.all(
        """SELECT id, organization_id, integration_type FROM integration_credentials
           WHERE is_active AND integration_type = ANY(%s) AND id > %s ORDER BY id LIMIT %s""",
        (list(types), after, limit),
    )


def to_model(row: Row) -> Integration:
    """Leave the credentials out and add the badge's word."""
    status: Badge = "Inactive" if not row["is_active"] else "Active" if row["is_verified"] else "Unverified"
    shown = {name: row[name] for name in Integration.model_fields if name not in ("status", "source")}
    return Integration(**shown, status=status, source=row.get("source", "database"))


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
    is_verified: bool,
    are_credentials_new: bool,
) -> None:
    """Insert or replace an integration whose credentials were just tested; call it under `hold`."""
    transaction.execute(
        """INSERT INTO integration_credentials
               (id, organization_id, integration_type, credentials_encrypted, display_name, is_active,
                is_verified, last_verified_at, created_by)
           VALUES (%(id)s, %(organization)s, %(type)s, %(sealed)s, %(name)s, true, %(verified)s,
                   CASE WHEN %(verified)s THEN now() END, %(user)s)
           ON CONFLICT (organization_id, integration_type) DO UPDATE
           SET credentials_encrypted = excluded.credentials_encrypted, display_name = excluded.display_name,
               is_active = true, is_verified = excluded.is_verified, updated_at = now(),
               last_verified_at = coalesce(excluded.last_verified_at, integration_credentials.last_verified_at)""",
        {
            "id": integration_id,
            "organization": organization_id,
            "type": integration_type,
            "sealed": credentials_encrypted,
            "name": display_name,
            "verified": is_verified,
            "user": created_by,
        },
    )
    _save_settings(
        transaction, organization_id, integration_id, settings, are_credentials_new=are_credentials_new
    )


def _save_settings(
    transaction: Transaction,
    organization_id: UUID,
    integration_id: UUID,
    settings: dict[str, Any],
    *,
    are_credentials_new: bool,
) -> None:
    transaction.execute(
        """INSERT INTO integration_settings (organization_id, integration_id, settings) VALUES (%s, %s, %s)
           ON CONFLICT (integration_id) DO UPDATE
           SET settings = excluded.settings, credentials_changed_at =
               CASE WHEN %s THEN now() ELSE integration_settings.credentials_changed_at END""",
        (organization_id, integration_id, to_json(settings), are_credentials_new),
    )


def change(transaction: Transaction, integration_id: UUID, columns: dict[str, Any]) -> None:
    """Set `display_name` and `is_active`, whichever are given."""
    given = ", ".join(f"{name} = %({name})s" for name in ("display_name", "is_active") if name in columns)
    transaction.execute(
        f"UPDATE integration_credentials SET {given or 'id = id'}, updated_at = now() WHERE id = %(id)s",  # noqa: S608  # our own column names
        {**columns, "id": integration_id},
    )


def revoke_callback_url(transaction: Transaction, integration_id: UUID) -> None:
    """Raise the generation that callback URLs must name; those handed out before are refused from now on."""
    transaction.execute(
        "UPDATE integration_settings SET callback_generation = callback_generation + 1 WHERE integration_id = %s",
        (integration_id,),
    )


def note_verified(transaction: Transaction, integration_id: UUID) -> None:
    """Mark an integration whose stored credentials have just worked."""
    transaction.execute(
        "UPDATE integration_credentials SET is_verified = true, last_verified_at = now() WHERE id = %s",
        (integration_id,),
    )


def remove(transaction: Transaction, integration_id: UUID) -> None:
    """Delete an integration with its credentials; its phone numbers stay, inactive."""
    transaction.execute(
        "UPDATE organization_phone_numbers SET is_active = false, is_primary = false, updated_at = now() "
        "WHERE integration_id = %s",
        (integration_id,),
    )
    transaction.execute("DELETE FROM integration_credentials WHERE id = %s", (integration_id,))


def note_denied(transaction: Transaction, integration_type: str) -> bool:
    """Mark an integration whose credentials its provider has refused; False if it is marked already."""
    marked = transaction.execute(
        """UPDATE integration_credentials SET is_verified = false, updated_at = now()
           WHERE integration_type = %s AND is_verified""",
        (integration_type,),
    )
    return bool(marked)
