"""The queues, each declared by the class of its items. Items carry ids, never work, so a lost queue loses nothing.

Everything that needs the list of queues takes it from `queues()`: the settings page, the diagnosis and the tests.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

REPLAY = "replay"
"""The subject of a recorded callback's rest: its URL was valid when it came, and its arrivals are recorded."""


class QueueItem(BaseModel):
    """Base of all queue items; an item with other fields is poison.

    `queue` is the queue's name in lower case. It is the MessageQueue of template.yaml for "message", and its address
    is in the environment variable MESSAGE_QUEUE_URL. `attempts` is how often the queue hands an item out before it is
    given up; 0 is without end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    queue: ClassVar[str]
    attempts: ClassVar[int] = 30

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """Return the item of a record as Lambda hands it to a worker. Raises ValidationError for poison."""
        return cls.model_validate_json(record["body"])

    @property
    def group(self) -> str | None:
        """The message group: the id of the organization that the item belongs to, None if it belongs to several.

        SQS serves groups fairly: one that has much in flight or waiting does not delay the others (fair queues).
        """
        organization_id = getattr(self, "organization_id", None)
        return str(organization_id) if organization_id else None


def queues() -> dict[str, type[QueueItem]]:
    """Return the class of every queue's items by the queue's name, in the order of this file."""
    return {item.queue: item for item in QueueItem.__subclasses__() if item.__module__ == __name__}


class CallbackReceived(QueueItem):
    """A genuine callback, exactly as its receiver got it.

    The body is base64 in `body`, or in the blob store under `body_blob` when it is large. `subject` says what
    the reference in its URL named: one message or call ("unit"), or an integration, whose `generation` must
    still be the current one. In the rest of a callback that somebody applies again `subject` is REPLAY. `begin` is
    the position of the first report or message that is not yet applied.
    """

    queue: ClassVar[str] = "webhook"

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


class MessageDue(QueueItem):
    """A message of the ledger waits to be delivered, by a channel whose provider answers within seconds."""

    queue: ClassVar[str] = "message"

    organization_id: UUID
    message_id: UUID


class MailDue(QueueItem):
    """A mail of the ledger waits to be delivered; its organization's own server may take a minute or two."""

    queue: ClassVar[str] = "mail"

    organization_id: UUID
    message_id: UUID


class DueMailbox(BaseModel):
    """A mailbox that falls due."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organization_id: UUID
    account_id: UUID


class MailboxesDue(QueueItem):
    """Mailboxes fall due; if an item is early, late or repeated, the rows decide whether to poll.

    `is_rest` marks a mailbox whose last poll ran out of time: its next poll may take the worker's whole time.
    `patience` is how often a mailbox is put back, for one second each time, while another process keeps a
    connection to it.
    """

    queue: ClassVar[str] = "mailbox"
    attempts: ClassVar[int] = 5

    mailboxes: tuple[DueMailbox, ...] = Field(min_length=1, max_length=20)
    is_rest: bool = False
    patience: int = Field(default=2, ge=0, le=2)

    @property
    def group(self) -> str | None:
        """The organization of these mailboxes, if they have the same one."""
        organizations = {mailbox.organization_id for mailbox in self.mailboxes}
        return str(organizations.pop()) if len(organizations) == 1 else None

    @classmethod
    def of(cls, organization_id: UUID, account_id: UUID) -> Self:
        """Make an item for one mailbox."""
        return cls(mailboxes=(DueMailbox(organization_id=organization_id, account_id=account_id),))


class IdleDue(QueueItem):
    """A mailbox is to be watched by IDLE, unless another worker already holds IDLE on it."""

    queue: ClassVar[str] = "idle"
    attempts: ClassVar[int] = 5

    organization_id: UUID
    account_id: UUID


class ChangesDue(QueueItem):
    """An organization has changes that its open WebSockets have not received."""

    queue: ClassVar[str] = "change"
    attempts: ClassVar[int] = 5

    organization_id: UUID


class RotationDue(QueueItem):
    """An organization's envelopes are being rotated to the current key; its row says how far."""

    queue: ClassVar[str] = "rotation"

    organization_id: UUID


class IntegrationDue(QueueItem):
    """An integration's stored credentials are due for a test, or its account's numbers for a sync."""

    queue: ClassVar[str] = "integration"

    organization_id: UUID
    integration_type: str
    task: Literal["verify", "sync_numbers"]


class DeadLetter(QueueItem):
    """An item of another queue that was given up after its last attempt, and what is known of its end.

    A worker that gives an item up says why (entrypoints/giving_up.py). If it could not, SQS has moved the item, and
    there is no cause: the worker stopped without an error. `source` is the queue's name where a worker says it, and
    `source_arn` the queue's ARN where SQS does. `queue_message_id` is the id that SQS gave the item when it was
    enqueued. It is the same both ways, since one item may come on both.
    """

    queue: ClassVar[str] = "dead_letter"
    attempts: ClassVar[int] = 0

    body: str
    source: str | None = None
    source_arn: str | None = None
    queue_message_id: str
    cause: str | None = None
    sentence: str | None = None
    tried: int | None = None
    first_received_at: datetime
    given_up_at: datetime

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """Return the dead letter of a record: a message that a worker sent, or that SQS moved."""
        known = record["attributes"]
        said = {name: each.get("stringValue") for name, each in record.get("messageAttributes", {}).items()}
        return cls(
            body=record["body"],
            source=said.get("source"),
            source_arn=known.get("DeadLetterQueueSourceArn"),
            queue_message_id=said.get("queue_message_id") or record["messageId"],
            cause=said.get("cause"),
            sentence=said.get("sentence"),
            tried=int(said["tried"]) if said.get("tried") else None,
            first_received_at=_instant(said.get("first_received_ms") or known["SentTimestamp"]),
            given_up_at=_instant(said.get("given_up_ms") or known["ApproximateFirstReceiveTimestamp"]),
        )


def _instant(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
