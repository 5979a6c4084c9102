"""Customers and their addresses."""

from collections.abc import Mapping
from uuid import UUID

from banxway.errors import Conflict
from banxway.ids import NewId
from banxway.models.threads import Customer, CustomerAddress
from banxway.storage import customer_merges
from banxway.storage.database import Transaction


def find_by_address(transaction: Transaction, *, kind: str, address: str) -> UUID | None:
    """Return whose address this is, or None."""
    row = transaction.one(
        "SELECT customer_id FROM customer_addresses WHERE kind = %s AND address = %s", (kind, address)
    )
    return row["customer_id"] if row else None


def find_or_add(
    transaction: Transaction, *, new_id: UUID, organization_id: UUID, kind: str, address: str, name: str
) -> UUID:
    """Return whose address this is, making a customer of it if nobody's. Safe against a racing twin.

    It stays that customer's until the transaction ends: merges wait.
    """
    customer_merges.hold_off(transaction)
    found = find_by_address(transaction, kind=kind, address=address)
    if found:
        return found
    transaction.execute(
        "INSERT INTO customers (id, organization_id, name) VALUES (%s, %s, %s)",
        (new_id, organization_id, name),
    )
    # Whoever loses the race waits here for the winner's commit, and then takes the winner's customer.
    row = transaction.one(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           VALUES (%s, %s, %s, %s, 'inbound') ON CONFLICT DO NOTHING RETURNING customer_id""",
        (organization_id, new_id, kind, address),
    )
    if row:
        return new_id
    transaction.execute("DELETE FROM customers WHERE id = %s", (new_id,))
    winner = transaction.single(
        "SELECT customer_id FROM customer_addresses WHERE kind = %s AND address = %s", (kind, address)
    )
    customer_id: UUID = winner["customer_id"]
    return customer_id


def find_or_add_all(
    transaction: Transaction, *, organization_id: UUID, kind: str, names: Mapping[str, str], new_id: NewId
) -> dict[str, UUID]:
    """Return whose each address is, making customers of those that are nobody's; `names` are by address."""
    found = _by_addresses(transaction, kind, list(names))
    missing = [address for address in names if address not in found]
    if not missing:
        return found
    added = {address: new_id() for address in missing}
    transaction.execute(
        """INSERT INTO customers (id, organization_id, name)
           SELECT id, %s, name FROM unnest(%s::uuid[], %s::text[]) AS added (id, name)""",
        (organization_id, list(added.values()), [names[address] for address in added]),
    )
    # Whoever loses a race waits here for the winner's commit, and then takes the winner's customer.
    linked = transaction.all(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           SELECT %s, customer_id, %s, address, 'inbound'
           FROM unnest(%s::uuid[], %s::text[]) AS added (customer_id, address)
           ON CONFLICT DO NOTHING RETURNING address, customer_id""",
        (organization_id, kind, list(added.values()), list(added)),
    )
    won = {row["address"]: row["customer_id"] for row in linked}
    lost = [address for address in added if address not in won]
    if lost:
        transaction.execute(
            "DELETE FROM customers WHERE id = ANY(%s)", ([added[address] for address in lost],)
        )
        won |= _by_addresses(transaction, kind, lost)
    return found | won


def _by_addresses(transaction: Transaction, kind: str, addresses: list[str]) -> dict[str, UUID]:
    rows = transaction.all(
        "SELECT address, customer_id FROM customer_addresses WHERE kind = %s AND address = ANY(%s)",
        (kind, addresses),
    )
    return {row["address"]: row["customer_id"] for row in rows}


def lock(transaction: Transaction, customer_id: UUID) -> None:
    """Let one writer at a time decide which thread of a customer a message belongs to."""
    transaction.execute("SELECT FROM customers WHERE id = %s FOR NO KEY UPDATE", (customer_id,))


def link_address(
    transaction: Transaction, *, organization_id: UUID, customer_id: UUID, kind: str, address: str
) -> None:
    """Note that an agent writes to a customer at this address; no change if it is already theirs.

    Raises Conflict if it is another customer's: what that person answers would land in the wrong thread.
    """
    transaction.execute(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           VALUES (%s, %s, %s, %s, 'agent') ON CONFLICT DO NOTHING""",
        (organization_id, customer_id, kind, address),
    )
    if find_by_address(transaction, kind=kind, address=address) != customer_id:
        raise Conflict(
            "This address belongs to another customer; write on that customer's thread", field="to"
        )


def get(transaction: Transaction, customer_id: UUID) -> Customer:
    """Return a customer that a visible thread names, with every address, in the order they were learned."""
    row = transaction.single("SELECT id, name FROM customers WHERE id = %s", (customer_id,))
    addresses = transaction.all(
        "SELECT kind, address FROM customer_addresses WHERE customer_id = %s ORDER BY created_at, address",
        (customer_id,),
    )
    return Customer(**row, addresses=[CustomerAddress(**address) for address in addresses])


def first_address(transaction: Transaction, *, customer_id: UUID, kind: str) -> str | None:
    """Return the address of this kind that the customer last wrote from, else the first one known."""
    row = transaction.one(
        """SELECT a.address FROM customer_addresses a
           LEFT JOIN LATERAL (SELECT max(m.occurred_at) AS at FROM messages m
                              WHERE m.customer_id = a.customer_id AND m.direction = 'inbound'
                                AND m.sender = a.address) AS wrote ON true
           WHERE a.customer_id = %s AND a.kind = %s
           ORDER BY wrote.at DESC NULLS LAST, a.created_at, a.address LIMIT 1""",
        (customer_id, kind),
    )
    return row["address"] if row else None
