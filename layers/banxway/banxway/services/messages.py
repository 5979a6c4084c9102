"""Sending: what an agent asks for becomes a row of the ledger before anything leaves.

`send` commits the row, enqueues its id and waits a moment for the worker's outcome, so that the answer can
already name the provider's id; `delivery.py` is the worker's half. A repeated request with the same
Idempotency-Key finds the row of the first and contacts nobody again.
"""

import hashlib
import time
from collections.abc import Callable
from uuid import UUID

from banxway.errors import (
    Conflict,
    NotFound,
    OutcomeUnknown,
    ProviderRejected,
    ThreadMovedOn,
    Unavailable,
    ValidationFailed,
)
from banxway.ids import NewId
from banxway.log import get_logger
from banxway.models.actors import Actor
from banxway.models.messages import (
    NewEmailMessage,
    NewTemplateMessage,
    NewWhatsAppMessage,
    Once,
    SentEmail,
    SentMessage,
    SentWhatsApp,
)
from banxway.models.queue_items import ChangesDue, MessageDue
from banxway.models.statuses import MessageStatus, is_in_flight
from banxway.services import composing, timeline
from banxway.services.environment_integrations import EnvironmentIntegrations
from banxway.storage import idempotency, messages, threads
from banxway.storage.database import CommitUncertain, Database, Row, Transaction
from banxway.storage.messages import MessageRow

NewAnyMessage = NewWhatsAppMessage | NewEmailMessage | NewTemplateMessage
_POLL_S = 0.05


class Messages:
    """Puts messages on their way."""

    def __init__(
        self,
        database: Database,
        *,
        enqueue_message: Callable[[MessageDue], None],
        enqueue_changes: Callable[[ChangesDue], None],
        new_id: NewId,
        to_text: Callable[[str], str],
        environment: EnvironmentIntegrations,
        wait_s: float,
    ) -> None:
        self._database = database
        self._enqueue_message = enqueue_message
        self._enqueue_changes = enqueue_changes
        self._new_id = new_id
        self._to_text = to_text
        self._environment = environment
        self._wait_s = wait_s

    def send(
        self, *, actor: Actor, thread_id: UUID, content: NewAnyMessage, once: Once | None
    ) -> SentMessage:
        """Put one message on its way and return what is known of it after a moment's wait.

        Raises NotFound for the thread, NotConfigured for the channel, TemplateRequired outside WhatsApp's
        window, ThreadMovedOn if somebody wrote meanwhile, Conflict for a key that named another request,
        ProviderRejected if the provider said no within the wait, OutcomeUnknown if its answer was lost.
        """
        message_id = self._new_id()
        request_sha256 = hashlib.sha256(content.model_dump_json().encode() + thread_id.bytes).hexdigest()
        try:
            with self._database.as_actor(actor) as transaction:
                repeated = _find_repeated(transaction, actor, once, request_sha256)
                if repeated is None:
                    self._commit_to(transaction, actor, thread_id, content, message_id)
                    _reserve(transaction, actor, once, request_sha256, message_id)
        except CommitUncertain:
            # The answer to COMMIT was lost: the row itself says whether it happened.
            if self._find(actor, message_id) is None:
                raise
            repeated = None
        if repeated is not None:
            return self._answer_again(actor, repeated)
        self._announce(actor.organization_id, message_id)
        answer = self._answer(self._wait_for_outcome(actor, message_id))
        self._keep_answer(actor, once, answer)
        return answer

    def _commit_to(
        self,
        transaction: Transaction,
        actor: Actor,
        thread_id: UUID,
        content: NewAnyMessage,
        message_id: UUID,
    ) -> None:
        thread = threads.get(transaction, thread_id)
        if content.last_seen_message_id:
            _require_nothing_newer(transaction, thread_id, content.last_seen_message_id)
        draft = composing.compose(
            transaction,
            actor=actor,
            thread=thread,
            content=content,
            to_text=self._to_text,
            environment=self._environment,
        )
        row = MessageRow(
            id=message_id,
            organization_id=actor.organization_id,
            thread_id=thread_id,
            customer_id=thread["customer_id"],
            direction="outbound",
            status=MessageStatus.QUEUED,
            occurred_at=messages.moment(transaction),
            join_rule="agent",
            created_by=actor.user_id,
            **draft.columns(message_id),
        )
        timeline.append(transaction, row, participants=(row.sender, row.recipient))

    def _announce(self, organization_id: UUID, message_id: UUID) -> None:
        """Wake the worker and the browsers; if the queue is down, the sweeper does it within a minute."""
        try:
            self._enqueue_message(MessageDue(organization_id=organization_id, message_id=message_id))
            self._enqueue_changes(ChangesDue(organization_id=organization_id))
        except Unavailable as error:
            get_logger().warning("the queue is down; the sweeper will enqueue", error=str(error))

    def _wait_for_outcome(self, actor: Actor, message_id: UUID) -> Row:
        deadline = time.monotonic() + self._wait_s
        while True:
            row = self._find(actor, message_id)
            if row is None:
                raise NotFound("Message not found")
            if not is_in_flight(row["status"]) or time.monotonic() >= deadline:
                return row
            time.sleep(_POLL_S)

    def _find(self, actor: Actor, message_id: UUID) -> Row | None:
        with self._database.organization(actor.organization_id) as transaction:
            return messages.find(transaction, message_id)

    def _answer(self, row: Row) -> SentMessage:
        if row["status"] == MessageStatus.FAILED:
            raise ProviderRejected(
                row["failure_reason"] or "The provider refused the message",
                provider="smtp" if row["channel"] == "EMAIL" else "exotel",
                operation="send",
                provider_code=row["provider_code"],
                provider_message=row["failure_reason"],
                message_id=row["id"],
                advice=row["failure_advice"],
            )
        if row["status"] == MessageStatus.UNKNOWN:
            raise OutcomeUnknown(
                "The provider took the message but its answer was lost: wait for the delivery report, "
                "do not send again",
                provider="smtp" if row["channel"] == "EMAIL" else "exotel",
                operation="send",
                message_id=row["id"],
            )
        return _sent(row)

    def _answer_again(self, actor: Actor, repeated: Row) -> SentMessage:
        if repeated["answer"]:
            model = SentEmail if "smtp_message_id" in repeated["answer"] else SentWhatsApp
            return model(**repeated["answer"])
        return self._answer(self._wait_for_outcome(actor, repeated["message_id"]))

    def _keep_answer(self, actor: Actor, once: Once | None, answer: SentMessage) -> None:
        if once is None:
            return
        with self._database.as_actor(actor) as transaction:
            idempotency.keep_answer(
                transaction,
                user_id=actor.user_id,
                route=once.route,
                key=once.key,
                answer=answer.model_dump(mode="json"),
            )


def _require_nothing_newer(transaction: Transaction, thread_id: UUID, seen_id: UUID) -> None:
    seen = messages.find(transaction, seen_id)
    if seen is None or seen["thread_id"] != thread_id:
        # Ignoring it would send without the check that the sender asked for.
        raise ValidationFailed(
            "last_seen_message_id is no message of this thread", field="last_seen_message_id"
        )
    newer = messages.newer_than(transaction, thread_id=thread_id, message_id=seen_id)
    if newer:
        raise ThreadMovedOn("The customer wrote meanwhile; read it before sending", new_messages=newer)


def _find_repeated(
    transaction: Transaction, actor: Actor, once: Once | None, request_sha256: str
) -> Row | None:
    if once is None:
        return None
    found = idempotency.find(transaction, user_id=actor.user_id, route=once.route, key=once.key)
    if found and found["request_sha256"] != request_sha256:
        raise Conflict("This Idempotency-Key was used for another request", field="Idempotency-Key")
    return found


def _reserve(
    transaction: Transaction, actor: Actor, once: Once | None, request_sha256: str, message_id: UUID
) -> None:
    if once is not None:
        idempotency.reserve(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            route=once.route,
            key=once.key,
            request_sha256=request_sha256,
            message_id=message_id,
        )


def _sent(row: Row) -> SentMessage:
    """Answer in the guide's words: what the provider has only accepted is still queued there."""
    waiting = is_in_flight(row["status"]) or row["status"] == MessageStatus.ACCEPTED
    status = MessageStatus.QUEUED if waiting else row["status"]
    if row["channel"] == "EMAIL":
        return SentEmail(
            message_id=row["id"],
            smtp_message_id=f"<{row['mail_message_id']}>",
            status=status,
            to=row["recipient"],
            subject=row["subject"],
            created_at=row["created_at"],
        )
    return SentWhatsApp(
        message_id=row["id"],
        message_sid=row["provider_sid"],
        status=status,
        channel=row["channel"],
        to=row["recipient"],
        created_at=row["created_at"],
    )
