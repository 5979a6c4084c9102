"""Our own mailbox addresses and phone numbers, which are never a customer's and never answered."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from banxway.e164 import to_e164
from banxway.models.channels import CHANNELS, channel_of_kind
from banxway.models.words import AddressKind
from banxway.services.integrations.environment import NUMBER_SETTINGS, EnvironmentIntegrations
from banxway.storage import email_accounts, phone_numbers
from banxway.storage.database import Transaction


def of_channel(transaction: Transaction, channel: str, *, stand_ins: Iterable[str] = ()) -> frozenset[str]:
    """Return the addresses that the organization sends from on a channel, normalized for comparison.

    `stand_ins` are numbers from the deployment's environment.
    """
    return _OWN[CHANNELS[channel].address_kind](transaction, stand_ins)


def _mailboxes(transaction: Transaction, _: Iterable[str]) -> frozenset[str]:
    return frozenset(email_accounts.ids_by_address(transaction))


def _numbers(transaction: Transaction, stand_ins: Iterable[str]) -> frozenset[str]:
    stored = phone_numbers.list_own(transaction, settings=sorted(NUMBER_SETTINGS.values()))
    return frozenset(to_e164(number) or number for number in (*stored, *stand_ins))


_OWN: Mapping[AddressKind, Callable[[Transaction, Iterable[str]], frozenset[str]]] = {
    "email": _mailboxes,
    "phone": _numbers,
}


def is_ours(
    transaction: Transaction,
    *,
    organization_id: UUID,
    kind: AddressKind,
    address: str,
    environment: EnvironmentIntegrations,
) -> bool:
    """Return whether an address, normalized for comparison, is one that the organization sends from."""
    rows = environment.list_all(organization_id)
    stand_ins = [number for row in rows for number in row.settings.values()]
    return address in of_channel(transaction, channel_of_kind(kind).name, stand_ins=stand_ins)
