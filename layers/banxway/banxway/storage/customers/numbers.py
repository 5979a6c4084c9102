"""Customers' phone numbers; some numbering plans write a number in two ways."""

from collections.abc import Sequence
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


def lock(transaction: Transaction, number: str) -> None:
    """Lock a number until the commit, so that one transaction decides whose it is: no index knows its spellings."""
    transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"line\n{number}",))


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
