"""Applies callbacks: stores each verbatim, then applies each of its parts once, those of a set in one transaction.

Applying is idempotent: a status is folded from the set of reports (models/messages/statuses.py), and a customer's
message is known by its identity. So repeated, reordered or replayed callbacks change nothing.

A set leaves the same rows as its callbacks one after the other, in their order; only changes are fewer, since a
message that several callbacks of a set move is one change. Reports are folded in memory and written together. What
customers wrote or did is filed one by one. Nothing of it moves a message of ours, and it depends on reports only by
the provider's ids that these give to messages: what is folded is written before a callback that quotes such an id.

Locks are taken in one order by every set, so that no two sets block each other: lines and their customers, providers'
ids, messages, bodies, reports on calls, arrivals, the sequence of changes.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from banxway.ids import NewId
from banxway.models.integrations.kinds import PHONE, WHATSAPP
from banxway.models.queue_items import REPLAY, CallbackReceived
from banxway.models.webhooks.callbacks import (
    Callback,
    CallReport,
    CustomerEvent,
    IncomingMessage,
    StatusReport,
)
from banxway.services.customers import whatsapp_lines
from banxway.services.customers.events import CustomerEvents
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.messages.channels.whatsapp.inbound import IncomingMessages
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.webhooks.folding import Report, ReportFold
from banxway.services.webhooks.pieces import Piece, PieceReader
from banxway.storage import webhooks as webhook_events
from banxway.storage.database import Database, Transaction
from banxway.storage.email_sync import inbound_hours
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange

_ARRIVALS: Mapping[str, tuple[type[Callback], ...]] = {
    PHONE.type: (CallReport,),
    WHATSAPP.type: (IncomingMessage, CustomerEvent),
}
"""Callbacks that a customer causes. A delivery report is not one: it comes to a URL that we send per message."""

Part = tuple[CallbackReceived, Callback]


class Callbacks:
    """Applies callbacks in the worker; intake.py receives them."""

    def __init__(
        self,
        database: Database,
        *,
        reader: PieceReader,
        incoming: IncomingMessages,
        events: CustomerEvents,
        environment: EnvironmentIntegrations,
        enqueue_rest: Callable[[CallbackReceived], None],
        notices: ChangeNotices,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._reader = reader
        self._incoming = incoming
        self._events = events
        self._environment = environment
        self._enqueue_rest = enqueue_rest
        self._notices = notices
        self._new_id = new_id

    def apply_all(self, items: Sequence[CallbackReceived]) -> None:
        """Store and apply callbacks of one organization, in order; the rest of a long one is enqueued again.

        One transaction applies all, or at most 200 reports and messages if there are more. Safe to repeat from any
        piece. Raises ValueError for several organizations, otherwise only retryable errors; what an earlier
        transaction applied stays. A body that cannot be parsed is stored as unreadable.
        """
        (organization_id,) = {item.organization_id for item in items}
        for pieces in self._reader.in_sets(items):
            self._apply(organization_id, pieces)

    def apply_again(self, transaction: Transaction, piece: Piece) -> list[PendingChange]:
        """Apply a recorded callback's piece in this transaction, and return the changes to record.

        What is known already changes nothing. Neither the callback nor an arrival is recorded another time.
        """
        parts = [(piece.received, part) for part in piece.parts]
        organization_id = piece.received.organization_id
        whatsapp_lines.lock_all(transaction, _lines_of(parts))
        fold = ReportFold.begin(transaction, organization_id, _reports_of(parts))
        return self._apply_parts(transaction, organization_id, fold, parts)

    def _apply(self, organization_id: UUID, read: Sequence[Piece]) -> None:
        with self._database.organization(organization_id) as transaction:
            pieces = self._revoke(transaction, organization_id, read)
            parts = [(piece.received, part) for piece in pieces for part in piece.parts]
            whatsapp_lines.lock_all(transaction, _lines_of(parts))
            fold = ReportFold.begin(transaction, organization_id, _reports_of(parts))
            self._record(transaction, organization_id, pieces)
            pending = self._apply_parts(transaction, organization_id, fold, parts)
            _record_arrivals(transaction, organization_id, parts)
            # Last, since numbering a change locks the organization's sequence, and a set waits for many rows.
            changes.record_all(transaction, organization_id=organization_id, pending=pending)
        if pending:
            self._notices.notify(organization_id)
        for rest in filter(None, (piece.rest for piece in pieces)):
            self._enqueue_rest(rest)

    def _revoke(
        self, transaction: Transaction, organization_id: UUID, pieces: Sequence[Piece]
    ) -> list[Piece]:
        """Return the pieces, without effect where a dashboard URL is revoked.

        It is revoked if its integration was removed, or its generation was raised. A URL that names the organization
        itself is the environment's, and is valid as long as the variables are set.
        """
        named = {one.received.subject_id for one in pieces if one.received.subject == "integration"}
        stored = named - {organization_id}
        valid = webhook_events.callback_generations(transaction, stored) if stored else {}
        has_own = organization_id in named and bool(self._environment.list_all(organization_id))

        def is_valid(received: CallbackReceived) -> bool:
            if received.subject != "integration":
                return True
            if received.subject_id == organization_id:
                return has_own
            return received.subject_id in valid and valid[received.subject_id] == received.generation

        return [one if is_valid(one.received) else one.revoked() for one in pieces]

    def _record(self, transaction: Transaction, organization_id: UUID, pieces: Sequence[Piece]) -> None:
        """Record each callback with its first piece."""
        events = [piece.event(self._new_id()) for piece in pieces if piece.received.begin == 0]
        webhook_events.add_all(transaction, organization_id=organization_id, events=events)

    def _apply_parts(
        self, transaction: Transaction, organization_id: UUID, fold: ReportFold, parts: Sequence[Part]
    ) -> list[PendingChange]:
        """Apply parts in their order, and return the changes to record, each once."""
        found: list[PendingChange | None] = []
        for received, part in parts:
            if isinstance(part, StatusReport):
                found.append(fold.take(_report_of(received, part)))
            elif isinstance(part, IncomingMessage | CustomerEvent):
                if fold.has_named(_quoted_by(part)):
                    fold.write()
                found.append(self._file(transaction, organization_id, received, part))
        fold.write()
        calls = [part for _, part in parts if isinstance(part, CallReport)]
        webhook_events.add_call_reports(transaction, organization_id=organization_id, reports=calls)
        return list(dict.fromkeys(one for one in found if one is not None))

    def _file(
        self,
        transaction: Transaction,
        organization_id: UUID,
        received: CallbackReceived,
        part: IncomingMessage | CustomerEvent,
    ) -> PendingChange | None:
        at = received.received_at
        if isinstance(part, IncomingMessage):
            return self._incoming.file(
                transaction, organization_id=organization_id, message=part, received_at=at
            )
        return self._events.file(transaction, organization_id=organization_id, event=part, received_at=at)


def _report_of(received: CallbackReceived, part: StatusReport) -> Report:
    return Report(part, url_names=received.subject_id if received.subject == "unit" else None)


def _reports_of(parts: Sequence[Part]) -> list[Report]:
    return [_report_of(received, part) for received, part in parts if isinstance(part, StatusReport)]


def _lines_of(parts: Sequence[Part]) -> set[str]:
    """Return the numbers of the customers who wrote or did something, as filing compares them."""
    senders = {part.sender for _, part in parts if isinstance(part, IncomingMessage | CustomerEvent)}
    return {*senders, *map(whatsapp_lines.in_one_form, senders)}


def _quoted_by(part: IncomingMessage | CustomerEvent) -> str | None:
    return part.replied_to_sid if isinstance(part, IncomingMessage) else part.about_sid


def _record_arrivals(transaction: Transaction, organization_id: UUID, parts: Sequence[Part]) -> None:
    """Record what arrived from customers, and when: it proves that callbacks of this kind reach us."""
    for subject, kinds in _ARRIVALS.items():
        instants = [
            received.received_at
            for received, part in parts
            if isinstance(part, kinds) and received.subject != REPLAY
        ]
        if instants:
            inbound_hours.record(
                transaction,
                organization_id=organization_id,
                subject=subject,
                instants=instants,
                now=max(instants),
            )
