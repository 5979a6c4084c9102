"""What an item of a queue is about, and what redriving it does now."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from banxway.models.dead_letters.dead_letters import DeadLetterSubject, RedriveEffect, RedriveOutcome
from banxway.models.messages.statuses import MessageStatus
from banxway.models.queue_items import (
    CallbackReceived,
    ChangesDue,
    IdleDue,
    IntegrationDue,
    MailboxesDue,
    MailDue,
    MessageDue,
    QueueItem,
    RotationDue,
    queues,
)
from banxway.storage.dead_letters import DeadLetterRow

Work = (
    CallbackReceived
    | MessageDue
    | MailDue
    | MailboxesDue
    | IdleDue
    | ChangesDue
    | RotationDue
    | IntegrationDue
)
"""An item that may be given up; of mailboxes only one."""

_UNIT = "unit"  # what CallbackReceived.subject says of a callback about one message

_SUBJECTS: dict[type[QueueItem], DeadLetterSubject] = {
    CallbackReceived: "callback",
    MessageDue: "message",
    MailDue: "message",
    MailboxesDue: "mailbox",
    IdleDue: "mailbox",
    ChangesDue: "changes",
    RotationDue: "rotation",
    IntegrationDue: "integration",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One piece of work of one organization, and what it is about."""

    organization_id: UUID
    item: Work
    message_id: UUID | None = None
    account_id: UUID | None = None

    @property
    def identity(self) -> str:
        """A hash of the work: the same work has the same, and two callbacks about one message have different ones."""
        return hashlib.sha256(self.item.model_dump_json().encode()).hexdigest()


def read_item(queue: str, body: str) -> Work:
    """Return the item of a queue. Raises ValidationError for poison, and LookupError for a queue without work."""
    return _work_in(queue).model_validate_json(body)


def item_of(row: DeadLetterRow) -> Work:
    """Return a dead letter as the item that it was. Raises ValidationError if this release reads it no more."""
    return _work_in(row.queue).model_validate(row.item)


def _work_in(queue: str) -> type[Work]:
    found = queues().get(queue)
    if found not in _SUBJECTS:
        raise LookupError(f"no work is in the queue {queue}")
    return cast("type[Work]", found)


def subjects_of(item: Work) -> Sequence[Subject]:
    """Return the pieces of work in an item: one for each mailbox, else one."""
    if isinstance(item, MailboxesDue):
        return [
            Subject(
                each.organization_id,
                MailboxesDue.of(each.organization_id, each.account_id),
                None,
                each.account_id,
            )
            for each in item.mailboxes
        ]
    message_id = getattr(item, "message_id", None)
    if isinstance(item, CallbackReceived) and item.subject == _UNIT:
        message_id = item.subject_id
    return [Subject(item.organization_id, item, message_id, getattr(item, "account_id", None))]


def kind_of(queue: str) -> DeadLetterSubject:
    """Return what a queue's items are about."""
    return _SUBJECTS[queues()[queue]]


def name_of(row: DeadLetterRow) -> str | None:
    """Return the name of what a dead letter is about, as people know it."""
    return row.recipient or row.mailbox or row.item.get("integration_type")


def outcome_of(row: DeadLetterRow) -> RedriveOutcome:
    """Return what redriving a dead letter does now. The worker decides again, by the same rows."""
    effect, sentence = _effect_of(row)
    return RedriveOutcome(id=row.id, effect=effect, sentence=sentence, subject_name=name_of(row))


def _effect_of(row: DeadLetterRow) -> tuple[RedriveEffect, str]:
    kind = kind_of(row.queue)
    if kind == "message":
        return _EFFECTS[MessageStatus(row.message_status)] if row.message_status else _GONE
    if kind == "mailbox":
        return _POLL if row.is_polled else _NOT_POLLED
    return _OTHERS[kind]


_SENT: tuple[RedriveEffect, str] = ("already_sent", "Already sent: nothing happens.")
_EFFECTS: dict[MessageStatus, tuple[RedriveEffect, str]] = {
    MessageStatus.QUEUED: ("would_be_sent", "Would be sent."),
    MessageStatus.SENDING: ("being_sent", "A worker is sending it now: nothing happens."),
    MessageStatus.UNKNOWN: ("outcome_unknown", "Outcome unknown: it is not sent again."),
    MessageStatus.FAILED: ("already_failed", "It has failed in the conversation: it is not sent again."),
    MessageStatus.CANCELLED: ("cancelled", "Cancelled: nothing happens."),
    MessageStatus.ACCEPTED: _SENT,
    MessageStatus.SENT: _SENT,
    MessageStatus.DELIVERED: _SENT,
    MessageStatus.READ: _SENT,
    MessageStatus.RECEIVED: _SENT,
}
_GONE: tuple[RedriveEffect, str] = ("gone", "The message is gone: nothing happens.")
_POLL: tuple[RedriveEffect, str] = ("would_poll", "Would poll the mailbox.")
_NOT_POLLED: tuple[RedriveEffect, str] = ("gone", "The mailbox is not polled any more: nothing happens.")
_OTHERS: dict[DeadLetterSubject, tuple[RedriveEffect, str]] = {
    "callback": ("would_be_applied", "Would be applied. What was applied already changes nothing."),
    "changes": ("would_run", "Would update the browsers that are open."),
    "rotation": ("would_run", "Would continue the rotation, unless it has ended."),
    "integration": ("would_run", "Would ask the provider again."),
}
