"""Applies callbacks: stores each verbatim, then applies each of its parts once.

Applying is idempotent: a status is folded from the set of reports (models/messages/statuses.py), and a customer's
message is known by its identity. So repeated, reordered or replayed callbacks change nothing.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from banxway.errors import BadRequest
from banxway.ids import NewId
from banxway.models.integrations.kinds import PHONE, WHATSAPP
from banxway.models.messages.statuses import MessageStatus
from banxway.models.queue_items import CallbackReceived
from banxway.models.webhooks.callbacks import (
    Callback,
    CallReport,
    CustomerEvent,
    IncomingMessage,
    StatusReport,
    UnknownCallback,
)
from banxway.services.customers.events import CustomerEvents
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.messages import early_reports
from banxway.services.messages.channels.whatsapp.inbound import IncomingMessages
from banxway.services.realtime.notices import ChangeNotices
from banxway.storage import webhooks as webhook_events
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database, Transaction
from banxway.storage.email_sync import inbound_hours
from banxway.storage.integrations import integrations
from banxway.storage.messages import events as message_events
from banxway.storage.messages import ledger, messages
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange

_ARRIVALS: Mapping[str, tuple[type[Callback], ...]] = {
    PHONE.type: (CallReport,),
    WHATSAPP.type: (IncomingMessage, CustomerEvent),
}
"""Callbacks that a customer causes. A delivery report is not one: it comes to a URL that we send per message."""

# Parts of one body per transaction, which bounds its locks, and the worker's time.
_LONGEST_PIECE = 200


class Callbacks:
    """Applies callbacks in the worker; intake.py receives them."""

    def __init__(
        self,
        database: Database,
        *,
        blobs: Callable[[], BlobStore],
        parse: Callable[[str, bytes, str], list[Callback]],
        incoming: IncomingMessages,
        events: CustomerEvents,
        environment: EnvironmentIntegrations,
        enqueue_rest: Callable[[CallbackReceived], None],
        notices: ChangeNotices,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._parse = parse
        self._incoming = incoming
        self._events = events
        self._environment = environment
        self._enqueue_rest = enqueue_rest
        self._notices = notices
        self._new_id = new_id

    def apply(self, received: CallbackReceived) -> None:
        """Store a callback and apply it, one piece in one transaction; the rest of a long one is enqueued again.

        Safe to repeat from any piece. Raises only retryable errors; a body that cannot be parsed is stored as
        unreadable.
        """
        body = self._body_of(received)
        outcome, callbacks = self._read(received, body)
        with self._database.organization(received.organization_id) as transaction:
            if self._is_revoked(transaction, received):
                outcome, callbacks = "revoked", []
            if received.begin == 0:
                self._record(transaction, received, body, outcome, callbacks)
            end = received.begin + _LONGEST_PIECE
            found = [self._apply_one(transaction, received, one) for one in callbacks[received.begin : end]]
            self._record_arrivals(transaction, received, callbacks[received.begin : end])
            # Last, since numbering a change locks the organization's sequence, and a batch waits for many rows.
            pending = list(dict.fromkeys(one for one in found if one is not None))
            changes.record_all(transaction, organization_id=received.organization_id, pending=pending)
        if pending:
            self._notices.notify(received.organization_id)
        if end < len(callbacks):
            self._enqueue_rest(received.model_copy(update={"begin": end}))

    def _body_of(self, received: CallbackReceived) -> bytes:
        if received.body_blob:
            return self._blobs().get(received.organization_id, received.body_blob)
        return base64.b64decode(received.body or "")

    def _read(self, received: CallbackReceived, body: bytes) -> tuple[str, list[Callback]]:
        if not received.readable:
            return "unreadable", []
        try:
            callbacks = self._parse(received.kind, body, received.content_type)
        except BadRequest:
            return "unreadable", []
        only_unknown = all(isinstance(callback, UnknownCallback) for callback in callbacks)
        return ("unknown" if only_unknown else "applied"), callbacks

    def _is_revoked(self, transaction: Transaction, received: CallbackReceived) -> bool:
        """Return whether a dashboard URL is revoked: its integration was removed, or its generation was raised.

        A URL that names the organization itself is the environment's, and is valid as long as the variables are set.
        """
        if received.subject != "integration":
            return False
        if received.subject_id == received.organization_id:
            return not self._environment.list_all(received.organization_id)
        row = integrations.find_by_id(transaction, received.subject_id)
        return row is None or row.callback_generation != received.generation

    def _record(
        self,
        transaction: Transaction,
        received: CallbackReceived,
        body: bytes,
        outcome: str,
        callbacks: list[Callback],
    ) -> None:
        text = None if received.body_blob else body.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
        webhook_events.add(
            transaction,
            event_id=self._new_id(),
            organization_id=received.organization_id,
            kind=received.kind,
            content_type=received.content_type,
            body=text,
            body_blob=received.body_blob,
            body_sha256=hashlib.sha256(body).hexdigest(),
            is_identifiable=all(
                callback.provider_sid is not None
                for callback in callbacks
                if isinstance(callback, IncomingMessage | CustomerEvent)
            ),
            outcome=outcome,
            received_at=received.received_at,
        )

    def _record_arrivals(
        self, transaction: Transaction, received: CallbackReceived, callbacks: Sequence[Callback]
    ) -> None:
        """Record what arrived from customers, and when: it proves that callbacks of this kind reach us."""
        for subject, kinds in _ARRIVALS.items():
            count = sum(isinstance(one, kinds) for one in callbacks)
            inbound_hours.record(
                transaction,
                organization_id=received.organization_id,
                subject=subject,
                instants=[received.received_at] * count,
                now=received.received_at,
            )

    def _apply_one(
        self, transaction: Transaction, received: CallbackReceived, callback: Callback
    ) -> PendingChange | None:
        organization_id = received.organization_id
        if isinstance(callback, StatusReport):
            return self._apply_status(transaction, received, callback)
        if isinstance(callback, IncomingMessage):
            return self._incoming.file(
                transaction,
                organization_id=organization_id,
                message=callback,
                received_at=received.received_at,
            )
        if isinstance(callback, CustomerEvent):
            return self._events.file(
                transaction,
                organization_id=organization_id,
                event=callback,
                received_at=received.received_at,
            )
        if isinstance(callback, CallReport):
            webhook_events.add_call_report(transaction, organization_id=organization_id, report=callback)
        return None

    def _apply_status(
        self, transaction: Transaction, received: CallbackReceived, report: StatusReport
    ) -> PendingChange | None:
        message_id = _message_of(transaction, received, report)
        is_new = message_events.add(
            transaction, organization_id=received.organization_id, message_id=message_id, report=report
        )
        if message_id is None:
            return None
        # An unknown status changes nothing, and is shown at its message.
        moved = is_new and (report.status is None or _settle(transaction, message_id, report))
        # A report that comes again may be the first to say which message it is about.
        adopted = early_reports.adopt(transaction, message_id=message_id, provider_sid=report.provider_sid)
        moved = moved or adopted
        row = messages.find(transaction, message_id) if moved else None
        return PendingChange("message.status", row.thread_id, message_id) if row else None


def _message_of(transaction: Transaction, received: CallbackReceived, report: StatusReport) -> UUID | None:
    """Return the message that a report is about, or None: by the provider's sid, our own id in it, or the URL.

    The URL's id settles a send whose HTTP answer was lost: only then the provider's sid is unknown.
    """
    found = messages.find_by_provider_sid(transaction, report.provider_sid)
    if found:
        return found
    message_events.lock_sid(transaction, report.provider_sid)
    found = messages.find_by_provider_sid(transaction, report.provider_sid)
    if found:
        return found
    for candidate in (_uuid(report.reference), received.subject_id if received.subject == "unit" else None):
        row = messages.find(transaction, candidate) if candidate else None
        if row and row.direction == "outbound" and row.provider_sid in (None, report.provider_sid):
            return candidate
    return None


def _settle(transaction: Transaction, message_id: UUID, report: StatusReport) -> bool:
    if report.status is None:
        return False
    status = ledger.settle(
        transaction,
        message_id=message_id,
        outcome=MessageStatus(report.status),
        provider_sid=report.provider_sid,
        provider_code=report.provider_code,
        reason=report.description or report.provider_status,
        advice=report.advice,
    )
    return status is not None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
