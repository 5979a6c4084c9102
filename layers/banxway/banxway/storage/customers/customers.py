"""Customers and their addresses."""

from collections.abc import Iterable
from uuid import UUID

from banxway.ids import NewId
from banxway.models.mail import Correspondent
from banxway.models.threads.threads import Customer, CustomerAddress
from banxway.storage.customers import merges as customer_merges
from banxway.storage.database import Transaction


def find_by_address(transaction: Transaction, *, kind: str, address: str) -> UUID | None:
    """Return the customer who has proven this address, or None."""
    row = transaction.one(
        "SELECT customer_id FROM customer_addresses WHERE kind = %s AND address = %s AND via = ''",
        (kind, address),
    )
    return row["customer_id"] if row else None


def find_or_add(
    transaction: Transaction,
    *,
    new_id: UUID,
    organization_id: UUID,
    kind: str,
    address: str,
    name: str,
    linked_by: str = "inbound",
) -> UUID:
    """Return the customer of an address; adds one for an unknown address. Safe against a concurrent twin.

    `linked_by` records how the address is known: `inbound` (they wrote from it) or `agent` (a member said so).
    Merges wait until the commit, so the address stays that customer's until then.
    """
    customer_merges.lock_shared(transaction)
    found = find_by_address(transaction, kind=kind, address=address)
    if found:
        return found
    transaction.execute(
        "INSERT INTO customers (id, organization_id, name) VALUES (%s, %s, %s)",
        (new_id, organization_id, name),
    )
    # The loser of a race waits here for the winner's commit, and then returns the winner's customer.
    row = transaction.one(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING customer_id""",
        (organization_id, new_id, kind, address, linked_by),
    )
    if row:
        return new_id
    transaction.execute("DELETE FROM customers WHERE id = %s", (new_id,))
    winner = transaction.single(
        "SELECT customer_id FROM customer_addresses WHERE kind = %s AND address = %s AND via = ''",
        (kind, address),
    )
    customer_id: UUID = winner["customer_id"]
    return customer_id


def find_or_add_all(
    transaction: Transaction,
    *,
    organization_id: UUID,
    kind: str,
    addresses: Iterable[Correspondent],
    new_id: NewId,
) -> dict[tuple[str, str], UUID]:
    """Return each address's customer, by (address, via); adds customers for unknown addresses."""
    wanted = {one.key: one for one in addresses}
    found = _by_keys(transaction, kind, wanted)
    missing = [one for key, one in wanted.items() if key not in found]
    if not missing:
        return found
    added = {one.key: new_id() for one in missing}
    transaction.execute(
        """INSERT INTO customers (id, organization_id, name)
           SELECT id, %s, name FROM unnest(%s::uuid[], %s::text[]) AS added (id, name)""",
        (organization_id, list(added.values()), [one.name for one in missing]),
    )
    # The loser of a race waits here for the winner's commit, and then returns the winner's customer.
    linked = transaction.all(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, via, linked_by)
           SELECT %s, customer_id, %s, address, via, 'inbound'
           FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS added (customer_id, address, via)
           ON CONFLICT DO NOTHING RETURNING address, via, customer_id""",
        (organization_id, kind, list(added.values()), *map(list, zip(*added, strict=True))),
    )
    won = {(row["address"], row["via"]): row["customer_id"] for row in linked}
    lost = [key for key in added if key not in won]
    if lost:
        transaction.execute("DELETE FROM customers WHERE id = ANY(%s)", ([added[key] for key in lost],))
        won |= _by_keys(transaction, kind, lost)
    return found | won


def _by_keys(
    transaction: Transaction, kind: str, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    wanted = list(keys)
    rows = transaction.all(
        """SELECT address, via, customer_id FROM customer_addresses
           WHERE kind = %s AND address = ANY(%s) AND via = ANY(%s)""",
        (kind, [address for address, _ in wanted], [via for _, via in wanted]),
    )
    found = {(row["address"], row["via"]): row["customer_id"] for row in rows}
    return {key: found[key] for key in wanted if key in found}


def link_claimed(transaction: Transaction, *, authors: Iterable[tuple[UUID, str]]) -> None:
    """Link claimed addresses to the customers who claimed them, once a mail from the address came into their thread.

    `authors` are pairs of a thread and an address that wrote into it. An address that belongs to a customer already
    stays with that customer.
    """
    threads, addresses = [list(column) for column in zip(*authors, strict=True)] or ([], [])
    transaction.execute(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           SELECT DISTINCT ON (claimed.address)
                  claimed.organization_id, claimed.customer_id, 'email', claimed.address, 'inbound'
           FROM unnest(%s::uuid[], %s::text[]) AS wrote (thread_id, address)
           JOIN threads t ON t.id = wrote.thread_id
           JOIN customer_addresses claimed ON claimed.customer_id = t.customer_id AND claimed.kind = 'email'
                AND claimed.address = wrote.address AND claimed.via <> ''
           ORDER BY claimed.address, claimed.created_at
           ON CONFLICT DO NOTHING""",
        (threads, addresses),
    )


def lock(transaction: Transaction, customer_id: UUID) -> None:
    """Lock a customer until the commit, so that one writer at a time chooses the thread for a message."""
    transaction.execute("SELECT FROM customers WHERE id = %s FOR NO KEY UPDATE", (customer_id,))


def get(transaction: Transaction, customer_id: UUID) -> Customer:
    """Return a customer who exists, with every address in the order in which they were learned."""
    row = transaction.single("SELECT id, name FROM customers WHERE id = %s", (customer_id,))
    addresses = transaction.all(
        """SELECT kind, address, via FROM customer_addresses
           WHERE customer_id = %s AND address <> '' ORDER BY created_at, address, via""",
        (customer_id,),
    )
    return Customer(**row, addresses=[CustomerAddress(**address) for address in addresses])


def addresses_of(transaction: Transaction, *, customer_id: UUID, kind: str) -> list[str]:
    """Return a customer's proven addresses of a kind, in the order in which they were learned."""
    rows = transaction.all(
        """SELECT address FROM customer_addresses
           WHERE customer_id = %s AND kind = %s AND via = '' ORDER BY created_at, address""",
        (customer_id, kind),
    )
    return [row["address"] for row in rows]
