"""Builds the response to a send request; a repeated Idempotency-Key gets the first response."""

from uuid import UUID

from banxway.clock import Clock
from banxway.errors import (
    Conflict,
    NotFound,
    OutcomeUnknown,
    ProviderBlocked,
    ProviderDenied,
    ProviderRejected,
)
from banxway.models.actors import Actor
from banxway.models.messages.messages import SENT_MESSAGES, IdempotencyKey, SentMessage
from banxway.models.messages.statuses import MessageStatus, is_in_flight
from banxway.services.messages.channels.base import Channel, Channels
from banxway.services.messages.due_messages import DueMessages
from banxway.services.realtime.notices import ChangeNotices
from banxway.storage.database import Database, Transaction
from banxway.storage.messages import idempotency, messages
from banxway.storage.messages.due import DueRow
from banxway.storage.messages.idempotency import RepeatedRequest
from banxway.storage.messages.rows import MessageRow

_POLL_S = 0.05
# A failure is answered under its own code where the provider refused more than this one message.
_REFUSALS: dict[str | None, type[ProviderRejected]] = {
    kind.code: kind for kind in (ProviderDenied, ProviderBlocked)
}


class SendOutcomes:
    """Answers requests whose message is committed to the ledger."""

    def __init__(
        self,
        database: Database,
        *,
        channels: Channels,
        due_messages: DueMessages,
        notices: ChangeNotices,
        clock: Clock,
        wait_s: float,
    ) -> None:
        self._database = database
        self._channels = channels
        self._due_messages = due_messages
        self._notices = notices
        self._clock = clock
        self._wait_s = wait_s

    def answer(
        self, actor: Actor, message_id: UUID, once: IdempotencyKey | None, *, channel: str
    ) -> SentMessage:
        """Return the answer to a request that queued a message on a channel.

        Wakes the worker, waits a moment for the outcome, and keeps the answer for the key. Raises ProviderRejected
        for a message that failed by then, OutcomeUnknown for one whose fate is open.
        """
        self._wake_worker(actor.organization_id, message_id, channel)
        answer = self._outcome(actor, message_id)
        if once is not None:
            with self._database.as_actor(actor) as transaction:
                idempotency.keep_answer(
                    transaction,
                    user_id=actor.user_id,
                    route=once.route,
                    key=once.key,
                    answer=answer.model_dump(mode="json"),
                )
        return answer

    def find(self, actor: Actor, message_id: UUID) -> MessageRow | None:
        """Return the message's row as it is now, or None."""
        with self._database.organization(actor.organization_id) as transaction:
            return messages.find(transaction, message_id)

    def _wake_worker(self, organization_id: UUID, message_id: UUID, channel: str) -> None:
        self._due_messages.enqueue_found([DueRow(organization_id, message_id, channel)])
        self._notices.notify(organization_id)

    def first_answer(self, actor: Actor, repeated: RepeatedRequest) -> SentMessage:
        """Return the answer that the first request with this key got, or would get now. Raises as `answer` does."""
        if repeated.answer:
            return SENT_MESSAGES.validate_python(repeated.answer)
        return self._outcome(actor, repeated.message_id)

    def _outcome(self, actor: Actor, message_id: UUID) -> SentMessage:
        """Return the answer as soon as the message left the queue, or when the wait is over."""
        deadline = self._clock.monotonic() + self._wait_s
        while True:
            row = self.find(actor, message_id)
            if row is None:
                raise NotFound("Message not found")
            if not is_in_flight(row.status) or self._clock.monotonic() >= deadline:
                return _answer(row, self._channels.of(row.channel))
            self._clock.sleep(_POLL_S)


def find_repeated(
    transaction: Transaction, actor: Actor, once: IdempotencyKey | None, request_sha256: str
) -> RepeatedRequest | None:
    """Return what a key named before, or None. Raises Conflict for a key that named another request."""
    if once is None:
        return None
    found = idempotency.find(transaction, user_id=actor.user_id, route=once.route, key=once.key)
    if found and found.request_sha256 != request_sha256:
        raise Conflict("This Idempotency-Key was used for another request", field="Idempotency-Key")
    return found


def _answer(row: MessageRow, channel: Channel) -> SentMessage:
    provider = channel.traits.provider
    if row.status == MessageStatus.FAILED:
        raise _REFUSALS.get(row.failure_code, ProviderRejected)(
            row.failure_reason or "The provider refused the message",
            provider=provider,
            operation="send",
            provider_code=row.provider_code,
            provider_message=row.failure_reason,
            message_id=row.id,
            advice=row.failure_advice,
        )
    if row.status == MessageStatus.UNKNOWN:
        raise OutcomeUnknown(
            "The provider took the message but its answer was lost: wait for the delivery report, "
            "do not send again",
            provider=provider,
            operation="send",
            message_id=row.id,
        )
    # In the guide's words: what the provider has only accepted is still queued there.
    waiting = is_in_flight(row.status) or row.status == MessageStatus.ACCEPTED
    return channel.answer(row, MessageStatus.QUEUED if waiting else row.status)
