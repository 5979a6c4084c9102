"""Our own mailbox addresses and phone numbers: they are never a customer's."""

from uuid import UUID

from banxway.e164 import to_e164
from banxway.services.environment_integrations import NUMBER_SETTINGS, EnvironmentIntegrations
from banxway.storage import email_accounts, phone_numbers
from banxway.storage.database import Transaction


def is_ours(
    transaction: Transaction,
    *,
    organization_id: UUID,
    kind: str,
    address: str,
    environment: EnvironmentIntegrations,
) -> bool:
    """Return whether an address, in the form in which it is compared, is one that the organization answers from."""
    if kind == "email":
        return address in email_accounts.ids_by_address(transaction)
    stand_ins = environment.list_all(organization_id)
    spelled = [number for row in stand_ins for number in row["settings"].values()]
    spelled += phone_numbers.list_own(transaction, settings=sorted(NUMBER_SETTINGS.values()))
    return address in {to_e164(number) or number for number in spelled}
