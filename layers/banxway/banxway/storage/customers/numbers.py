"""Customers' phone numbers; some numbering plans write a number in two ways."""

from collections.abc import Collection, Sequence
from uuid import UUID

from banxway.storage.database import Transaction


def find(transaction: Transaction, numbers: Sequence[str]) -> UUID | None:
    """Return the customer of the first of these numbers that belongs to one, or None."""
    row = transaction.one(
        """SELECT customer_id FROM customer_addresses WHERE kind = 'phone' AND address = ANY(%(numbers)s)
           ORDER BY array_position(%(numbers)s::text[], address) LIMIT 1""",
        {"numbers": list(numbers)},
    )
    return row["customer_id"] if row else None


def lock_all(transaction: Transaction, numbers: Collection[str]) -> None:
    """Lock numbers until the commit, so that one transaction decides whose each is: no index knows their spellings.

    They are locked in one order, so that two transactions that need the same ones never block each other.
    """
    transaction.execute(
        """SELECT pg_advisory_xact_lock(wanted.key)
           FROM (SELECT DISTINCT hashtextextended(line, 0) AS key FROM unnest(%s::text[]) AS line
                 ORDER BY key) AS wanted""",
        ([f"line\n{number}" for number in numbers],),
    )


def lock_customers(transaction: Transaction, numbers: Collection[str]) -> None:
    """Lock the customers of these numbers until the commit, in the order of their ids."""
    transaction.execute(
        """SELECT FROM customers WHERE id IN (
               SELECT customer_id FROM customer_addresses WHERE kind = 'phone' AND address = ANY(%s))
           ORDER BY id FOR NO KEY UPDATE""",
        (list(numbers),),
    )


def add(transaction: Transaction, *, organization_id: UUID, customer_id: UUID, number: str) -> None:
    """Add another spelling of a customer's number, as WhatsApp used it; no change if it is a customer's already."""
    transaction.execute(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           VALUES (%s, %s, 'phone', %s, 'inbound') ON CONFLICT DO NOTHING""",
        (organization_id, customer_id, number),
    )


def as_last_written(transaction: Transaction, numbers: Sequence[str]) -> str | None:
    """Return the sender's number of the latest WhatsApp message from one of these numbers, as WhatsApp spelled it."""
    row = transaction.one(
        """SELECT sender FROM messages WHERE channel = 'WHATSAPP' AND direction = 'inbound' AND sender = ANY(%s)
           ORDER BY occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1""",
        (list(numbers),),
    )
    return row["sender"] if row else None
