"""Finds the customer of a WhatsApp line: one customer per line, however its number is written."""

from collections.abc import Collection
from uuid import UUID

from banxway.e164 import spellings, to_e164
from banxway.ids import NewId
from banxway.models.channels import WHATSAPP
from banxway.storage.customers import customers
from banxway.storage.customers import merges as customer_merges
from banxway.storage.customers import numbers as customer_numbers
from banxway.storage.database import Transaction


def find(transaction: Transaction, number: str) -> UUID | None:
    """Return the id of the customer of a line, or None."""
    return customer_numbers.find(transaction, spellings(number))


def lock_all(transaction: Transaction, numbers: Collection[str]) -> None:
    """Lock these lines and their customers until the commit, before anything is filed for them.

    One transaction at a time decides whose a line is and which thread its messages join. All are locked at once and
    in one order, so that two transactions that file for the same people never block each other.
    """
    if not numbers:
        return
    customer_merges.lock_shared(transaction)
    known = [spellings(number) for number in numbers]
    customer_numbers.lock_all(transaction, [one[0] for one in known])
    customer_numbers.lock_customers(transaction, [spelled for one in known for spelled in one])


def find_or_add(
    transaction: Transaction, *, organization_id: UUID, number: str, name: str | None, new_id: NewId
) -> UUID:
    """Return the customer of a line, adding one for an unknown line. The caller has called `lock_all`.

    The provider's spelling of the number is added to the customer, since answers go to it.
    """
    known = spellings(number)
    customer_id = customer_numbers.find(transaction, known)
    if customer_id is None:
        return customers.find_or_add(
            transaction,
            new_id=new_id(),
            organization_id=organization_id,
            kind=WHATSAPP.address_kind,
            address=number,
            name=name or number,
        )
    if len(known) > 1:
        customer_numbers.add(
            transaction, organization_id=organization_id, customer_id=customer_id, number=number
        )
    return customer_id


def in_one_form(number: str) -> str:
    """Return a number in E.164, or the text unchanged if it is not a number."""
    return to_e164(number) or number
