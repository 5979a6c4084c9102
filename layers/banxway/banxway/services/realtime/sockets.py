"""Live changes: tickets, open WebSockets, and the frames that are pushed through them.

A frame only says that something changed. A client that missed frames asks `GET /communications/changes` for
everything after the last sequence number it saw, so that a dropped socket loses nothing.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from uuid import UUID

from banxway.clock import iso
from banxway.errors import NotAuthenticated, NotPermitted
from banxway.models.actors import Actor
from banxway.models.realtime import Change, ChangeList, ChangesQuery, Ticket
from banxway.providers.base import FramePusher
from banxway.storage.database import Database
from banxway.storage.realtime import changes
from banxway.storage.realtime import connections as realtime

_TICKET_LIFETIME_S = 30
_PUSHED_AT_ONCE = 500


class Realtime:
    """Hands out tickets, keeps track of open WebSockets, and pushes changes through them."""

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
        """Close and remove a user's open WebSockets; return how many there were."""
        with self._database.organization(organization_id) as transaction:
            connections = realtime.forget_connections_of(transaction, user_id=user_id)
        for connection in connections:
            self._pusher().close(connection)
        return len(connections)

    def list_changes(self, *, actor: Actor, query: ChangesQuery) -> ChangeList:
        """Return the changes after a sequence number, in their order."""
        with self._database.as_actor(actor) as transaction:
            return changes.list_since(transaction, since=query.since, limit=query.limit)

    def push_changes(self, *, organization_id: UUID) -> int:
        """Push every change that was not pushed yet to all open connections; return how many changes were pushed.

        Two workers at once may both push a change: its sequence number makes the second harmless.
        """
        pushed = 0
        while batch := self._push_batch(organization_id):
            pushed += batch
        return pushed

    def _push_batch(self, organization_id: UUID) -> int:
        with self._database.organization(organization_id) as transaction:
            unpushed = changes.unpushed(transaction, limit=_PUSHED_AT_ONCE)
            listening = realtime.list_connections(transaction) if unpushed else {}
        if not unpushed:
            return 0
        gone = []
        for user_id, connections in listening.items():
            seen = self._seen_by(organization_id, user_id, unpushed) if user_id else unpushed
            gone += [connection for connection in connections if not self._push(connection, seen)]
        with self._database.organization(organization_id) as transaction:
            for connection in gone:
                realtime.forget_gone_connection(transaction, connection_id=connection)
            changes.mark_pushed(transaction, up_to=unpushed[-1].sequence)
        return len(unpushed)

    def _seen_by(self, organization_id: UUID, user_id: UUID, unpushed: list[Change]) -> list[Change]:
        """Return those of the changes that a user with restricted visibility may see."""
        user = Actor(user_id=user_id, organization_id=organization_id, role="", email="")
        try:
            with self._database.as_actor(user) as transaction:
                return changes.list_between(
                    transaction, first=unpushed[0].sequence, last=unpushed[-1].sequence
                )
        except NotAuthenticated:
            # The user was deactivated meanwhile and sees nothing.
            return []

    def _push(self, connection_id: str, unpushed: list[Change]) -> bool:
        pusher = self._pusher()
        return all(pusher.push(connection_id, _frame(change)) for change in unpushed)


def _frame(change: Change) -> bytes:
    """Return a change as JSON like the HTTP API's, times to the second in UTC, with the frame's type."""
    content = change.model_dump(mode="json") | {"created_at": iso(change.created_at)}
    return json.dumps({"type": "change"} | content).encode()


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
