"""Finds the customer of a WhatsApp line: one customer per line, however its number is written."""

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


def find_or_add(
    transaction: Transaction, *, organization_id: UUID, number: str, name: str | None, new_id: NewId
) -> UUID:
    """Return the customer of a line, adding one for an unknown line; the customer is locked until the commit.

    The provider's spelling of the number is added to the customer, since answers go to it.
    """
    customer_merges.lock_shared(transaction)
    known = spellings(number)
    if len(known) > 1:
        customer_numbers.lock(transaction, known[0])
    customer_id = customer_numbers.find(transaction, known)
    if customer_id is None:
        customer_id = customers.find_or_add(
            transaction,
            new_id=new_id(),
            organization_id=organization_id,
            kind=WHATSAPP.address_kind,
            address=number,
            name=name or number,
        )
    elif len(known) > 1:
        customer_numbers.add(
            transaction, organization_id=organization_id, customer_id=customer_id, number=number
        )
    customers.lock(transaction, customer_id)
    return customer_id


def in_one_form(number: str) -> str:
    """Return a number in E.164, or the text unchanged if it is not a number."""
    return to_e164(number) or number
