"""Applies a recorded callback again, or shows what that would change.

Nothing is sent to customers: applying only files what was reported, and what is known already changes nothing. So a
replay repairs what a release has learned to read meanwhile, or what a restored database has lost.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

from banxway.errors import Conflict, NotPermitted
from banxway.models.actors import Actor
from banxway.models.queue_items import REPLAY, CallbackReceived
from banxway.models.webhooks.callbacks import CallReport
from banxway.models.webhooks.events import WebhookDifference, WebhookReplayResult
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.webhooks.apply import Callbacks
from banxway.services.webhooks.log import find_event, is_hidden, messages_of, received_of
from banxway.services.webhooks.pieces import Piece, PieceReader
from banxway.storage import webhooks as webhook_events
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.messages import messages
from banxway.storage.messages.rows import MessageRow
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange

_REVOKED = "revoked"
_CALL_REPORTED = "call.reported"
_VOUCHED = {"integration": {"subject": REPLAY}}
"""How the rest is enqueued: its URL was valid when it came, and may have been revoked since."""


class WebhookReplaying:
    """Applies recorded callbacks again."""

    def __init__(
        self,
        database: Database,
        *,
        reader: PieceReader,
        callbacks: Callbacks,
        enqueue_rest: Callable[[CallbackReceived], None],
        notices: ChangeNotices,
    ) -> None:
        self._database = database
        self._reader = reader
        self._callbacks = callbacks
        self._enqueue_rest = enqueue_rest
        self._notices = notices

    def replay(self, *, actor: Actor, event_id: UUID, dry_run: bool) -> WebhookReplayResult:
        """Apply a callback again and return what changed; a dry run does the same and takes it back.

        Of more than 200 parts the rest is applied in the background. Raises NotFound for an unknown id, NotPermitted
        if its channel is hidden from the user, and Conflict if its URL was revoked.
        """
        # Not in the transaction that applies it: fetching and reading a long body takes a while.
        piece = self._piece(actor, event_id)
        with self._database.as_actor(actor) as transaction:
            with transaction.rehearsal(is_rehearsal=dry_run):
                pending, result = self._apply(transaction, piece, dry_run=dry_run)
            if not dry_run:
                self._record(transaction, actor, event_id, pending, result)
        if dry_run:
            return result
        if pending:
            self._notices.notify(actor.organization_id)
        if piece.rest:
            self._enqueue_rest(piece.rest.model_copy(update=_VOUCHED.get(piece.received.subject, {})))
        return result

    def _piece(self, actor: Actor, event_id: UUID) -> Piece:
        with self._database.as_actor(actor) as transaction:
            row = find_event(transaction, event_id)
            hidden = is_hidden(transaction, actor, row)
        if hidden:
            raise NotPermitted("You may not see this channel: ask an admin for the permission to view it")
        if row.outcome == _REVOKED:
            raise Conflict(
                "The URL of this callback was revoked before it came, so that nobody vouches for it"
            )
        return self._reader.read(received_of(row, actor.organization_id))

    def _apply(
        self, transaction: Transaction, piece: Piece, *, dry_run: bool
    ) -> tuple[list[PendingChange], WebhookReplayResult]:
        calls = {part.identity for part in piece.parts if isinstance(part, CallReport)}
        known_calls = webhook_events.count_call_reports(transaction, calls)
        before = {row.id: row for row in messages_of(transaction, piece.parts).values()}
        pending = self._callbacks.apply_again(transaction, piece)
        changed = [one.message_id for one in pending if one.message_id]
        after = messages.find_all(transaction, changed)
        differences = [_difference(one, before, after) for one in pending]
        new_calls = webhook_events.count_call_reports(transaction, calls) - known_calls
        differences += [_call_reported() for _ in range(new_calls)]
        result = WebhookReplayResult(
            dry_run=dry_run,
            outcome=piece.outcome,
            differences=differences,
            is_partial=piece.rest is not None,
        )
        return pending, result

    def _record(
        self,
        transaction: Transaction,
        actor: Actor,
        event_id: UUID,
        pending: list[PendingChange],
        result: WebhookReplayResult,
    ) -> None:
        webhook_events.record_replay(transaction, event_id, outcome=result.outcome)
        audit.append(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            action="webhooks.replay",
            succeeded=True,
            details={"event_id": str(event_id), "changes": len(result.differences)},
        )
        changes.record_all(transaction, organization_id=actor.organization_id, pending=pending)


def _difference(
    change: PendingChange, before: Mapping[UUID, MessageRow], after: Mapping[UUID, MessageRow]
) -> WebhookDifference:
    message_id = change.message_id
    was = before.get(message_id) if message_id else None
    becomes = after.get(message_id) if message_id else None
    return WebhookDifference(
        what=change.kind,
        message_id=message_id,
        thread_id=change.thread_id,
        before=was.status if was else None,
        after=becomes.status if becomes else None,
    )


def _call_reported() -> WebhookDifference:
    return WebhookDifference(what=_CALL_REPORTED, message_id=None, thread_id=None, before=None, after=None)
