"""What queues carry: ids, never work itself, so that a lost queue loses nothing."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class QueueItem(BaseModel):
    """Base of all queue items; an item with other fields is poison."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MessageDue(QueueItem):
    """A message of the ledger waits to be delivered."""

    organization_id: UUID
    message_id: UUID


class DueMailbox(BaseModel):
    """A mailbox that falls due."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organization_id: UUID
    account_id: UUID


class MailboxesDue(QueueItem):
    """Mailboxes fall due; early, late or repeated, their rows decide whether they are polled.

    `is_rest` is for one whose last poll ran out of time: it may take all of a worker's. `patience` is how often
    those whose connection another process keeps are put back for that one, a second each time.
    """

    mailboxes: tuple[DueMailbox, ...] = Field(min_length=1, max_length=20)
    is_rest: bool = False
    patience: int = Field(default=2, ge=0, le=2)

    @classmethod
    def of(cls, organization_id: UUID, account_id: UUID) -> Self:
        """Make an item for one mailbox."""
        return cls(mailboxes=(DueMailbox(organization_id=organization_id, account_id=account_id),))


class IdleDue(QueueItem):
    """A mailbox wants its news pushed: hold IDLE on it, unless another worker does."""

    organization_id: UUID
    account_id: UUID


class ChangesDue(QueueItem):
    """An organization has changes that its open WebSockets have not heard of."""

    organization_id: UUID


class RotationDue(QueueItem):
    """An organization's envelopes are on their way under the current key; its row says how far."""

    organization_id: UUID


class IntegrationDue(QueueItem):
    """A timer wants an integration's stored credentials tested, or its account's numbers fetched again."""

    organization_id: UUID
    integration_type: str
    task: Literal["verify", "sync_numbers"]


class CallbackReceived(QueueItem):
    """A genuine callback, verbatim, as its receiver took it.

    The body is base64 in `body`, or in the blob store under `body_blob` when it is large. `subject` says what
    the reference in its URL named: one message or call ("unit"), or an integration, whose `generation` then
    must still be the current one. `begin` is the position of the first thing in it that is still to be applied.
    """

    kind: str
    organization_id: UUID
    subject: str
    subject_id: UUID
    generation: int | None = None
    content_type: str
    body: str | None = None
    body_blob: str | None = None
    readable: bool
    received_at: datetime
    begin: int = Field(default=0, ge=0)
