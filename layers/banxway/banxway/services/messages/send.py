"""Sends messages: what a user asks for becomes a row of the ledger before anything leaves.

`send` commits the row, enqueues its id and waits a moment for the worker's outcome, so that the answer can
already name the provider's id; `deliver.py` is the worker's half. A repeated request with the same
Idempotency-Key finds the row of the first and sends nothing. `retry` queues the same row again.
"""

import hashlib
from uuid import UUID

from banxway.clock import Clock
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.messages.messages import AnyMessage, IdempotencyKey, RetryOfMessage, SentMessage
from banxway.models.messages.statuses import MessageStatus
from banxway.services.messages import retry
from banxway.services.messages.channels.base import Channels
from banxway.services.messages.draft import Draft
from banxway.services.messages.due_messages import DueMessages
from banxway.services.messages.outcome import SendOutcomes, find_repeated
from banxway.services.messages.preparing import prepare
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.threads.append import append
from banxway.storage.database import CommitUncertain, Database, Transaction
from banxway.storage.messages import filed as filed_messages
from banxway.storage.messages import idempotency, messages
from banxway.storage.messages.filed import NewAttachmentRow
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.realtime import changes


class Messages:
    """Sends and retries messages."""

    def __init__(
        self,
        database: Database,
        *,
        due_messages: DueMessages,
        notices: ChangeNotices,
        new_id: NewId,
        channels: Channels,
        clock: Clock,
        wait_s: float,
    ) -> None:
        self._database = database
        self._new_id = new_id
        self._channels = channels
        self._outcomes = SendOutcomes(
            database,
            channels=channels,
            due_messages=due_messages,
            notices=notices,
            clock=clock,
            wait_s=wait_s,
        )

    def send(
        self, *, actor: Actor, thread_id: UUID, content: AnyMessage, once: IdempotencyKey | None
    ) -> SentMessage:
        """Queue one message and return what is known of it after a moment's wait.

        Raises NotFound for the thread, ThreadMovedOn if a newer message came, Conflict for a key that named
        another request, what the channel raises (`compose`), ProviderRejected if the provider said no within the
        wait, OutcomeUnknown if its answer was lost.
        """
        message_id = self._new_id()
        request_sha256 = _digest(content.model_dump_json(), thread_id)
        try:
            with self._database.as_actor(actor) as transaction:
                repeated = find_repeated(transaction, actor, once, request_sha256)
                if repeated is None:
                    self._commit_to(transaction, actor, thread_id, content, message_id)
                if repeated is None and once is not None:
                    idempotency.reserve(
                        transaction, once, actor=actor, request_sha256=request_sha256, message_id=message_id
                    )
        except CommitUncertain:
            # The answer to COMMIT was lost: the row itself says whether it happened.
            if self._outcomes.find(actor, message_id) is None:
                raise
            repeated = None
        if repeated is not None:
            return self._outcomes.first_answer(actor, repeated)
        return self._outcomes.answer(actor, message_id, once, channel=content.channel)

    def retry(
        self, *, actor: Actor, message_id: UUID, wish: RetryOfMessage, once: IdempotencyKey | None
    ) -> SentMessage:
        """Send a message again as the same row, on a person's word, and return what `send` does.

        Raises NotFound for the message, Conflict unless its failure proves that it was not delivered, or its outcome
        is unknown and `wish` confirms that it did not arrive; and what `send` raises.
        """
        request_sha256 = _digest(wish.model_dump_json(), message_id)
        with self._database.as_actor(actor) as transaction:
            repeated = find_repeated(transaction, actor, once, request_sha256)
            if repeated is None:
                channel = retry.queue_again(
                    transaction,
                    actor=actor,
                    message_id=message_id,
                    is_confirmed=wish.confirm_not_delivered,
                    channels=self._channels,
                )
                if once is not None:
                    idempotency.reserve(
                        transaction, once, actor=actor, request_sha256=request_sha256, message_id=message_id
                    )
        if repeated is not None:
            return self._outcomes.first_answer(actor, repeated)
        return self._outcomes.answer(actor, message_id, once, channel=channel)

    def _commit_to(
        self,
        transaction: Transaction,
        actor: Actor,
        thread_id: UUID,
        content: AnyMessage,
        message_id: UUID,
    ) -> None:
        thread, draft = prepare(
            transaction,
            actor=actor,
            thread_id=thread_id,
            content=content,
            channels=self._channels,
            keeps_files=True,
        )
        row = NewMessageRow(
            id=message_id,
            organization_id=actor.organization_id,
            thread_id=thread.id,
            customer_id=thread.customer_id,
            direction="outbound",
            status=MessageStatus.QUEUED,
            occurred_at=messages.clamp_to_now(transaction),
            join_rule="agent",
            created_by=actor.user_id,
            **draft.columns(message_id),
        )
        # The files after their message, and the change last, since numbering it blocks every other change.
        pending = append(transaction, row)
        filed_messages.add_attachments(transaction, self._attachments(row, draft))
        changes.record_all(
            transaction, organization_id=row.organization_id, pending=[pending] if pending else []
        )

    def _attachments(self, row: NewMessageRow, draft: Draft) -> list[NewAttachmentRow]:
        return [
            NewAttachmentRow(
                id=self._new_id(),
                organization_id=row.organization_id,
                message_id=row.id,
                filename=each.file.filename,
                content_type=each.file.content_type,
                size_bytes=each.file.size_bytes,
                blob_key=each.file.blob_key,
                content_id=each.content_id,
                is_inline=each.content_id is not None,
                position=position,
            )
            for position, each in enumerate(draft.files)
        ]


def _digest(body: str, subject: UUID) -> str:
    return hashlib.sha256(body.encode() + subject.bytes).hexdigest()
