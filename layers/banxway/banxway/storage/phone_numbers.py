"""The organization's phone numbers, as synced from its provider."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from banxway.models.integrations import NumberSync
from banxway.models.phone_numbers import PhoneNumber, ProviderNumber
from banxway.storage.database import Transaction


def list_all(transaction: Transaction) -> list[PhoneNumber]:
    """Return the active numbers, the primary first."""
    rows = transaction.all(
        """SELECT id, phone_number, display_name, number_type, can_call, can_sms, is_active, is_primary,
                  assigned_to_user_id, created_at
           FROM organization_phone_numbers WHERE is_active ORDER BY is_primary DESC, phone_number"""
    )
    return [PhoneNumber(**row) for row in rows]


def sync(
    transaction: Transaction,
    *,
    organization_id: UUID,
    integration_id: UUID,
    numbers: Sequence[ProviderNumber],
    primary: str | None,
) -> NumberSync:
    """Make the stored numbers those of the provider; what is gone there becomes inactive, never deleted.

    A name or an assignment given here is kept. `primary` is the number to prefer where none is primary yet.
    """
    added = sum(_save(transaction, organization_id, integration_id, number) for number in numbers)
    transaction.execute(
        """UPDATE organization_phone_numbers SET is_active = false, is_primary = false, updated_at = now()
           WHERE integration_id = %s AND is_active AND phone_number <> ALL(%s)""",
        (integration_id, [number.phone_number for number in numbers]),
    )
    transaction.execute(
        """UPDATE organization_phone_numbers SET is_primary = true
           WHERE id = (SELECT id FROM organization_phone_numbers WHERE integration_id = %s AND is_active
                       ORDER BY phone_number = %s DESC, phone_number LIMIT 1)
             AND NOT EXISTS (SELECT FROM organization_phone_numbers WHERE is_primary)""",
        (integration_id, primary or ""),
    )
    return NumberSync(synced_numbers=len(numbers), new_numbers=added, updated_numbers=len(numbers) - added)


def _save(
    transaction: Transaction, organization_id: UUID, integration_id: UUID, number: ProviderNumber
) -> bool:
    """Insert or refresh one number; True if it is new. xmax is 0 only on rows that were just inserted."""
    row = transaction.one(
        """INSERT INTO organization_phone_numbers
               (id, organization_id, integration_id, phone_number, display_name, number_type, can_call, can_sms)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (organization_id, phone_number) DO UPDATE
           SET integration_id = excluded.integration_id, number_type = excluded.number_type,
               can_call = excluded.can_call, can_sms = excluded.can_sms, is_active = true, updated_at = now()
           RETURNING xmax = 0 AS is_new""",
        (
            uuid4(),
            organization_id,
            integration_id,
            number.phone_number,
            number.display_name,
            number.number_type,
            number.can_call,
            number.can_sms,
        ),
    )
    return bool(row and row["is_new"])
