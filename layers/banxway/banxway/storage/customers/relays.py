"""Relays: senders that write for others, with one From and a different Reply-To each time, as web forms do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from banxway.storage.database import Transaction


def find(transaction: Transaction, senders: Iterable[str]) -> frozenset[str]:
    """Return those of these senders that are known as relays."""
    rows = transaction.all(
        "SELECT address FROM mail_relays WHERE address = ANY(%s)", (list(dict.fromkeys(senders)),)
    )
    return frozenset(row["address"] for row in rows)


def find_written_for(transaction: Transaction, senders: Iterable[str]) -> dict[str, set[str]]:
    """Return the addresses each sender wrote for so far; of several only two, the first and last by alphabet.

    Two are enough to distinguish a relay from a sender who wrote for one address.
    """
    rows = transaction.all(
        """SELECT s.sender, one.mail_written_for FROM unnest(%s::text[]) AS s (sender)
           CROSS JOIN LATERAL (
               (SELECT mail_written_for FROM messages m
                WHERE m.sender = s.sender AND m.mail_written_for IS NOT NULL ORDER BY mail_written_for LIMIT 1)
               UNION
               (SELECT mail_written_for FROM messages m
                WHERE m.sender = s.sender AND m.mail_written_for IS NOT NULL ORDER BY mail_written_for DESC LIMIT 1)
           ) AS one""",
        (list(dict.fromkeys(senders)),),
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["sender"], set()).add(row["mail_written_for"])
    return found


def add(transaction: Transaction, *, organization_id: UUID, addresses: Iterable[str]) -> None:
    """Record that senders are relays."""
    transaction.execute(
        """INSERT INTO mail_relays (organization_id, address) SELECT %s, unnest(%s::text[])
           ON CONFLICT DO NOTHING""",
        (organization_id, list(addresses)),
    )


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """An address that a sender wrote for."""

    sender: str
    mail_written_for: str


def list_claims(transaction: Transaction, senders: Iterable[str]) -> list[ClaimRow]:
    """Return every pair of one of these senders and an address that it wrote for."""
    return transaction.all_of(
        ClaimRow,
        """SELECT DISTINCT ON (sender, mail_written_for) sender, mail_written_for FROM messages
           WHERE sender = ANY(%s) AND mail_written_for IS NOT NULL AND direction = 'inbound'""",
        (list(senders),),
    )


def file_under(transaction: Transaction, customers: Mapping[tuple[str, str], UUID]) -> list[UUID]:
    """Set the customers of relays' messages, by (sender, address written for); returns the threads that changed.

    A thread belongs to the customer of its first message.
    """
    senders, people, ids = [], [], []
    for (sender, person), customer_id in customers.items():
        senders.append(sender)
        people.append(person)
        ids.append(customer_id)
    moved = transaction.all(
        """UPDATE messages m SET customer_id = c.id
           FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS c (sender, person, id)
           WHERE m.sender = c.sender AND m.mail_written_for = c.person AND m.direction = 'inbound'
           RETURNING m.thread_id""",
        (senders, people, ids),
    )
    rows = transaction.all(
        """UPDATE threads t SET customer_id = first.customer_id
           FROM (SELECT DISTINCT ON (thread_id) thread_id, customer_id FROM messages
                 WHERE thread_id = ANY(%s) ORDER BY thread_id, occurred_at, ordered_at, arrival) AS first
           WHERE t.id = first.thread_id AND t.customer_id <> first.customer_id RETURNING t.id""",
        ([row["thread_id"] for row in moved],),
    )
    return [row["id"] for row in rows]
