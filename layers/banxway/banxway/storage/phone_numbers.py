"""The organization's phone numbers, as synced from its provider."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from banxway.models.integrations.integrations import NumberSync
from banxway.models.phone_numbers import PhoneNumber, ProviderNumber
from banxway.storage.database import Transaction

_NAME = "(SELECT name FROM users u WHERE u.id = assigned_to_user_id) AS assigned_to_user_name"
_SHOWN = ", ".join(_NAME if name == "assigned_to_user_name" else name for name in PhoneNumber.model_fields)


def list_all(transaction: Transaction, *, include_inactive: bool = False) -> list[PhoneNumber]:
    """Return the active numbers, or with `include_inactive` all, the primary one first."""
    rows = transaction.all(
        f"""SELECT {_SHOWN} FROM organization_phone_numbers WHERE is_active OR %s
            ORDER BY is_primary DESC, is_active DESC, phone_number""",  # noqa: S608 -- our own column names
        (include_inactive,),
    )
    return [PhoneNumber(**row) for row in rows]


def find(transaction: Transaction, number_id: UUID) -> PhoneNumber | None:
    """Return a number and lock it until the commit, or None."""
    row = transaction.one(
        f"SELECT {_SHOWN} FROM organization_phone_numbers WHERE id = %s FOR NO KEY UPDATE",  # noqa: S608 -- the same
        (number_id,),
    )
    return PhoneNumber(**row) if row else None


def assign(transaction: Transaction, *, number_id: UUID, user_id: UUID | None) -> None:
    """Assign a number to a user of the organization, or to nobody."""
    transaction.execute(
        "UPDATE organization_phone_numbers SET assigned_to_user_id = %s, updated_at = now() WHERE id = %s",
        (user_id, number_id),
    )


def rename(transaction: Transaction, *, number_id: UUID, display_name: str) -> None:
    """Set a number's display name; a sync keeps it."""
    transaction.execute(
        "UPDATE organization_phone_numbers SET display_name = %s, updated_at = now() WHERE id = %s",
        (display_name, number_id),
    )


def make_primary(transaction: Transaction, *, number_id: UUID) -> None:
    """Make a number the organization's one primary number."""
    transaction.execute("UPDATE organization_phone_numbers SET is_primary = false WHERE is_primary")
    transaction.execute(
        "UPDATE organization_phone_numbers SET is_primary = true, updated_at = now() WHERE id = %s",
        (number_id,),
    )


def sync(
    transaction: Transaction,
    *,
    organization_id: UUID,
    integration_id: UUID | None,
    numbers: Sequence[ProviderNumber],
    primary: str | None,
) -> NumberSync:
    """Bring the stored numbers up to date with the provider's; a number that is gone there becomes inactive.

    Names and assignments given here are kept. Numbers without an integration come from the account in the
    environment; a saved integration replaces that. `primary` becomes the primary number if there is none yet.
    """
    added = sum(_save(transaction, organization_id, integration_id, number) for number in numbers)
    transaction.execute(
        """UPDATE organization_phone_numbers SET is_active = false, is_primary = false, updated_at = now()
           WHERE (integration_id = %s OR integration_id IS NULL) AND is_active AND phone_number <> ALL(%s)""",
        (integration_id, [number.phone_number for number in numbers]),
    )
    transaction.execute(
        """UPDATE organization_phone_numbers SET is_primary = true
           WHERE id = (SELECT id FROM organization_phone_numbers
                       WHERE integration_id IS NOT DISTINCT FROM %s AND is_active
                       ORDER BY phone_number = %s DESC, phone_number LIMIT 1)
             AND NOT EXISTS (SELECT FROM organization_phone_numbers WHERE is_primary)""",
        (integration_id, primary or ""),
    )
    return NumberSync(synced_numbers=len(numbers), new_numbers=added, updated_numbers=len(numbers) - added)


def _save(
    transaction: Transaction, organization_id: UUID, integration_id: UUID | None, number: ProviderNumber
) -> bool:
    """Insert or update one number; True if it is new. xmax is 0 only for rows that were just inserted."""
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


def count_of_environment(transaction: Transaction) -> int:
    """Return how many active numbers belong to no saved integration but to the account in the environment."""
    row = transaction.single(
        "SELECT count(*)::int AS numbers FROM organization_phone_numbers WHERE integration_id IS NULL AND is_active"
    )
    return int(row["numbers"])


def list_own(transaction: Transaction, *, settings: Sequence[str]) -> list[str]:
    """Return every number of the organization, unchanged: the synced ones, and those in these settings."""
    rows = transaction.all(
        """SELECT phone_number AS number FROM organization_phone_numbers WHERE is_active
           UNION SELECT s.settings ->> name FROM integration_settings s, unnest(%s::text[]) AS name
           WHERE s.settings ->> name <> ''""",
        (list(settings),),
    )
    return [row["number"] for row in rows]
