"""Tickets and open WebSockets (migration 005)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.storage.database import Transaction


def add_ticket(
    transaction: Transaction, *, organization_id: UUID, user_id: UUID, ticket_sha256: bytes, lifetime_s: int
) -> datetime:
    """Store a ticket's hash and return when it expires, by the database's clock."""
    row = transaction.single(
        """INSERT INTO realtime_tickets (ticket_sha256, organization_id, user_id, expires_at)
           VALUES (%s, %s, %s, now() + make_interval(secs => %s)) RETURNING expires_at""",
        (ticket_sha256, organization_id, user_id, lifetime_s),
    )
    expires_at: datetime = row["expires_at"]
    return expires_at


@dataclass(frozen=True, slots=True)
class TicketRow:
    """Whose ticket it was, and whether it had not expired."""

    organization_id: UUID
    user_id: UUID
    is_fresh: bool


def redeem_ticket(transaction: Transaction, *, ticket_sha256: bytes) -> TicketRow | None:
    """Delete a ticket and return whose it was; None if it is unknown or used. Check `is_fresh` for an expired one.

    For the system scope. Deleting makes it single-use: of two requests at once, one finds nothing.
    """
    return transaction.one_of(
        TicketRow,
        """DELETE FROM realtime_tickets WHERE ticket_sha256 = %s
           RETURNING organization_id, user_id, expires_at > now() AS is_fresh""",
        (ticket_sha256,),
    )


def add_connection(
    transaction: Transaction, *, connection_id: str, organization_id: UUID, user_id: UUID
) -> None:
    """Store an open connection for two hours, the longest time that API Gateway keeps one open."""
    transaction.execute(
        """INSERT INTO realtime_connections (connection_id, organization_id, user_id, expires_at)
           VALUES (%s, %s, %s, now() + interval '2 hours')""",
        (connection_id, organization_id, user_id),
    )


def forget_connection(transaction: Transaction, *, connection_id: str) -> None:
    """Delete a connection, in its organization's scope or the system's."""
    transaction.execute("DELETE FROM realtime_connections WHERE connection_id = %s", (connection_id,))


def forget_gone(transaction: Transaction, *, organization_id: UUID, connection_ids: Sequence[str]) -> None:
    """Delete connections that API Gateway does not know, except those that are younger than 10 s.

    API Gateway may not know these yet: the row is inserted before the handshake ends.
    """
    transaction.execute(
        """DELETE FROM realtime_connections
           WHERE organization_id = %s AND connection_id = ANY(%s)
             AND connected_at < now() - interval '10 seconds'""",
        (organization_id, list(connection_ids)),
    )


def forget_closed(transaction: Transaction, *, organization_id: UUID, connection_ids: Sequence[str]) -> None:
    """Delete connections that we have closed."""
    transaction.execute(
        "DELETE FROM realtime_connections WHERE organization_id = %s AND connection_id = ANY(%s)",
        (organization_id, list(connection_ids)),
    )


def forget_connections_of(transaction: Transaction, *, user_id: UUID) -> list[str]:
    """Delete a user's connections and unused tickets, and return the connections' ids."""
    transaction.execute("DELETE FROM realtime_tickets WHERE user_id = %s", (user_id,))
    rows = transaction.all(
        "DELETE FROM realtime_connections WHERE user_id = %s RETURNING connection_id", (user_id,)
    )
    return [row["connection_id"] for row in rows]


def prune(transaction: Transaction) -> None:
    """Delete expired tickets and connections, of all organizations; for the system scope."""
    transaction.execute("DELETE FROM realtime_tickets WHERE expires_at < now() - interval '1 minute'")
    transaction.execute("DELETE FROM realtime_connections WHERE expires_at < now()")
