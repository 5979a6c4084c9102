"""Customers as members search for them, see them and change them."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.models.customers import (
    CustomerDetails,
    CustomerQuery,
    CustomerSummary,
    LinkedAddress,
    MergedCustomer,
)
from banxway.models.pages import Cursors, Instant, Page, cut_items, cut_text, fill_page
from banxway.storage.customers import merges as customer_merges
from banxway.storage.database import Row, Transaction

# People write a number that is stored as + and digits with signs between the digits, and with 0 or 00 before them.
_SIGNS = re.compile(r"[\s().\-/+\u2010-\u2015]")
_FEWEST_DIGITS = 3
_ADDRESSES_LISTED = 20
# In bytes on the wire.
_LONGEST_NAME = 10_000
_LONGEST_MERGED_NAME = 2_000
_LISTED_ADDRESSES = 10_000
_ADDRESSES = 2_000_000
_MERGED = 1_000_000
_CURSORS = Cursors("customers", Instant, UUID)


def list_summaries(transaction: Transaction, query: CustomerQuery) -> Page[CustomerSummary]:
    """Return customers, the newest first. Raises ValidationFailed for a cursor that is not ours."""
    at, last_id = _CURSORS.read(query.cursor) or (None, None)
    rows = transaction.all(
        """SELECT c.id, c.name, c.created_at, talked.thread_count, talked.last_message_at,
                  coalesce(known.addresses, '[]') AS addresses
           FROM (SELECT id, name, created_at FROM customers c
                 WHERE NOT EXISTS (SELECT FROM customer_merges m WHERE m.merged_id = c.id)
                   AND (%(at)s::timestamptz IS NULL
                        OR (c.created_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid))
                   AND (%(text)s::text IS NULL OR strpos(lower(c.name), lower(%(text)s)) > 0
                        OR c.id IN (SELECT a.customer_id FROM customer_addresses a
                                    WHERE strpos(a.address, lower(%(text)s)) > 0
                                       OR (a.kind = 'phone' AND strpos(a.address, %(digits)s::text) > 0)))
                 ORDER BY c.created_at DESC, c.id DESC LIMIT %(limit)s) c
           CROSS JOIN LATERAL (SELECT count(*) AS thread_count, max(t.last_message_at) AS last_message_at
                               FROM threads t
                               WHERE t.customer_id = c.id AND t.merged_into_thread_id IS NULL) talked
           CROSS JOIN LATERAL (
               SELECT jsonb_agg(jsonb_build_object('kind', kind, 'address', address, 'via', via)
                                ORDER BY created_at, address) AS addresses
               FROM (SELECT kind, address, via, created_at FROM customer_addresses a
                     WHERE a.customer_id = c.id AND a.address <> ''
                     ORDER BY created_at, address LIMIT %(addresses)s) first) known
           ORDER BY c.created_at DESC, c.id DESC""",
        {
            "text": query.search,
            "digits": _digits_of(query.search or ""),
            "at": at,
            "id": last_id,
            "limit": query.limit + 1,
            "addresses": _ADDRESSES_LISTED + 1,
        },
    )
    return fill_page(
        (_listed(row) for row in rows),
        limit=query.limit,
        cursor_of=lambda last: _CURSORS.write(last.created_at.isoformat(), last.id),
    )


def _listed(row: Row) -> CustomerSummary:
    name = cut_text(row["name"], most_bytes=_LONGEST_NAME)
    addresses = cut_items(row["addresses"][:_ADDRESSES_LISTED], most_bytes=_LISTED_ADDRESSES)
    is_cut = (name, addresses) != (row["name"], row["addresses"])
    return CustomerSummary(**{**row, "name": name, "addresses": addresses}, is_cut=is_cut)


def _digits_of(search: str) -> str | None:
    digits = _SIGNS.sub("", search).lstrip("0")
    return digits if digits.isdigit() and len(digits) >= _FEWEST_DIGITS else None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer, merged or not."""

    id: UUID
    name: str
    created_at: datetime


def find(transaction: Transaction, customer_id: UUID) -> CustomerRow | None:
    """Return a customer, merged or not, or None."""
    return transaction.one_of(
        CustomerRow, "SELECT id, name, created_at FROM customers WHERE id = %s", (customer_id,)
    )


def show(transaction: Transaction, row: CustomerRow) -> CustomerDetails:
    """Return a customer as members see it, cut to the size of one answer."""
    all_addresses = transaction.all(
        """SELECT id, kind, address, via, linked_by, created_at FROM customer_addresses
           WHERE customer_id = %s AND address <> '' ORDER BY created_at, address""",
        (row.id,),
    )
    counted = transaction.single(
        "SELECT count(*) AS threads FROM threads WHERE customer_id = %s AND merged_into_thread_id IS NULL",
        (row.id,),
    )
    name = cut_text(row.name, most_bytes=_LONGEST_NAME)
    addresses = cut_items(all_addresses, most_bytes=_ADDRESSES)
    all_merged = customer_merges.list_into(transaction, row.id)
    merged = cut_items([_with_short_name(one) for one in all_merged], most_bytes=_MERGED)
    return CustomerDetails(
        id=row.id,
        name=name,
        created_at=row.created_at,
        addresses=[LinkedAddress(**address) for address in addresses],
        thread_count=counted["threads"],
        merged_customers=merged,
        is_cut=(name, addresses, merged) != (row.name, all_addresses, all_merged),
    )


def _with_short_name(merged: MergedCustomer) -> MergedCustomer:
    return merged.model_copy(update={"name": cut_text(merged.name, most_bytes=_LONGEST_MERGED_NAME)})


def count_addresses(transaction: Transaction, *, customer_id: UUID, address_id: UUID) -> int:
    """Return how many addresses a customer has, 0 if `address_id` is not one of them."""
    row = transaction.single(
        """SELECT count(*) AS total, coalesce(bool_or(id = %s), false) AS has_it FROM customer_addresses
           WHERE customer_id = %s AND address <> ''""",
        (address_id, customer_id),
    )
    return int(row["total"]) if row["has_it"] else 0


def list_thread_ids(transaction: Transaction, customer_id: UUID) -> list[UUID]:
    """Return the ids of the customer's threads, without those that were merged into another thread."""
    rows = transaction.all(
        "SELECT id FROM threads WHERE customer_id = %s AND merged_into_thread_id IS NULL ORDER BY id",
        (customer_id,),
    )
    return [row["id"] for row in rows]


def rename(transaction: Transaction, *, customer_id: UUID, name: str) -> None:
    """Change a customer's name."""
    transaction.execute("UPDATE customers SET name = %s WHERE id = %s", (name, customer_id))


def add_address(
    transaction: Transaction, *, organization_id: UUID, customer_id: UUID, kind: str, address: str
) -> bool:
    """Link an address to a customer because a member says so; False if it belongs to a customer already."""
    added = transaction.execute(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           VALUES (%s, %s, %s, %s, 'agent') ON CONFLICT DO NOTHING""",
        (organization_id, customer_id, kind, address),
    )
    return added == 1


def remove_address(transaction: Transaction, *, address_id: UUID) -> None:
    """Remove an address from its customer; it then belongs to no customer."""
    transaction.execute("DELETE FROM customer_addresses WHERE id = %s", (address_id,))
