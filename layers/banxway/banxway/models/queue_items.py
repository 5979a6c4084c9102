"""What queues carry: ids, never work itself, so that a lost queue loses nothing."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class QueueItem(BaseModel):
    """Base of all queue items; an item with other fields is poison."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MessageDue(QueueItem):
    """A message of the ledger waits to be delivered."""

    organization_id: UUID
    message_id: UUID


class MailboxDue(QueueItem):
    """A mailbox falls due; early, late or repeated, its row decides whether it is polled."""

    organization_id: UUID
    account_id: UUID


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
    must still be the current one.
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
