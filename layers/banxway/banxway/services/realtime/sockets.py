"""Live changes: tickets, open WebSockets, and the list of changes.

A client asks `GET /communications/changes` for everything after the last number that it knows, so that a dropped
socket loses nothing.
"""

import hashlib
import secrets
from collections.abc import Callable
from uuid import UUID

from banxway.errors import NotAuthenticated, NotPermitted
from banxway.models.actors import Actor
from banxway.models.realtime import ChangeList, ChangesQuery, Ticket
from banxway.providers.base import FramePusher
from banxway.storage.database import Database
from banxway.storage.realtime import changes
from banxway.storage.realtime import connections as realtime

_TICKET_LIFETIME_S = 30


class Realtime:
    """Hands out tickets, keeps track of open WebSockets, and lists changes."""

    def __init__(
        self,
        database: Database,
        *,
        pusher: Callable[[], FramePusher],
        websocket_url: Callable[[], str],
        console_origin: str | None,
    ) -> None:
        self._database = database
        self._pusher = pusher
        self._websocket_url = websocket_url
        self._console_origin = console_origin

    def create_ticket(self, *, actor: Actor) -> Ticket:
        """Return a ticket that opens one WebSocket within 30 seconds; only its hash is stored."""
        ticket = secrets.token_urlsafe(32)
        with self._database.as_actor(actor) as transaction:
            expires_at = realtime.add_ticket(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                ticket_sha256=_hash(ticket),
                lifetime_s=_TICKET_LIFETIME_S,
            )
        return Ticket(ticket=ticket, websocket_url=self._websocket_url(), expires_at=expires_at)

    def connect(self, *, connection_id: str, ticket: str | None, origin: str | None) -> None:
        """Register a connection for the user of a ticket.

        Raises NotAuthenticated for a ticket that is missing, unknown, used or expired, NotPermitted for a page of
        another origin: browsers let any page open a WebSocket to anywhere.
        """
        if origin is not None and origin != self._console_origin:
            raise NotPermitted("Pages of this origin may not connect")
        if not ticket:
            raise NotAuthenticated("Ticket missing: ask POST /api/v1/realtime/ticket for one")
        with self._database.system() as transaction:
            redeemed = realtime.redeem_ticket(transaction, ticket_sha256=_hash(ticket))
        if redeemed is None or not redeemed.is_fresh:
            raise NotAuthenticated("Ticket unknown, used or expired: ask for another")
        with self._database.organization(redeemed.organization_id) as transaction:
            realtime.add_connection(
                transaction,
                connection_id=connection_id,
                organization_id=redeemed.organization_id,
                user_id=redeemed.user_id,
            )

    def disconnect(self, *, connection_id: str) -> None:
        """Remove a connection; does nothing for an unknown one."""
        with self._database.system() as transaction:
            realtime.forget_connection(transaction, connection_id=connection_id)

    def close_connections_of(self, *, organization_id: UUID, user_id: UUID) -> int:
        """Close and remove a user's open WebSockets; return how many there were.

        Nothing is pushed to them any more, even if one could not be closed.
        """
        with self._database.organization(organization_id) as transaction:
            connections = realtime.forget_connections_of(transaction, user_id=user_id)
        self._pusher().close(connections, may_begin=lambda: True)
        return len(connections)

    def list_changes(self, *, actor: Actor, query: ChangesQuery) -> ChangeList:
        """Return the changes after a sequence number, in their order."""
        with self._database.as_actor(actor) as transaction:
            return changes.list_since(transaction, since=query.since, limit=query.limit)


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
