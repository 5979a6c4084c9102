"""Threads and what is in them, as agents read them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.fields import Label, RequestBody
from banxway.models.pages import LONGEST_CURSOR, PageQuery

ThreadStatus = Literal["open", "closed"]
Tag = Annotated[Label, Field(min_length=1, max_length=50)]


class CustomerAddress(BaseModel):
    """One address of a customer: `kind` is email or phone."""

    kind: str
    address: str


class Customer(BaseModel):
    """The person a thread is with."""

    id: UUID
    name: str
    addresses: list[CustomerAddress]


class Attachment(BaseModel):
    """An attachment of a message; its content is fetched apart."""

    id: UUID
    filename: str
    content_type: str
    size_bytes: int
    is_inline: bool


class Message(BaseModel):
    """One message of a thread. `problems` says in sentences what could not be read of it.

    `to` and `cc` are a mail's, as its header says; `date` is its own, told by its sender's clock. `reply_text` is
    `body_text` without what it quotes and signs with, null where that is the same. `automatic` says what sent it
    if no person did. `join_rule` and `join_evidence` say why it is in this thread. `authentication` is what the
    mailbox's own server found of the sender (RFC 8601). `is_cut` says that something is long and shortened here:
    `cut_fields` names it, and GET /communications/messages/{message_id}/parts/{field} has it whole.
    """

    id: UUID
    channel: str
    direction: str
    kind: str
    status: str
    sender: str
    recipient: str
    subject: str
    body_text: str
    to: list[str]
    cc: list[str]
    reply_text: str | None
    signature_text: str | None
    automatic: str | None
    seen_at: datetime | None
    is_spam: bool
    authentication: str | None
    message_sid: str | None
    failure_reason: str | None
    failure_advice: str | None
    origin: str | None
    join_rule: str
    join_evidence: str
    problems: list[str]
    attachments: list[Attachment]
    created_by: UUID | None
    date: datetime | None
    occurred_at: datetime
    is_cut: bool
    cut_fields: list[str]


class ThreadSummary(BaseModel):
    """One row of the list of threads; `unread_count` is of customers' messages that nobody has read yet.

    `is_cut` says that subject, name or tags are long and shortened here; the thread itself has more of them.
    """

    id: UUID
    subject: str
    status: str
    customer_id: UUID
    customer_name: str
    assigned_to_user_id: UUID | None
    tags: list[str]
    is_spam: bool
    last_message_at: datetime
    last_message_text: str
    is_cut: bool
    message_count: int
    unread_count: int


class Thread(BaseModel):
    """One thread with its customer and its latest messages, oldest first.

    `next_cursor` leads to the messages before these (GET …/messages), null where there are none. `is_cut` says
    that subject, tags, or the customer's name or addresses are more than what is shown here.
    `related_thread_id` is the thread that its first mail referred to without belonging to it.
    """

    id: UUID
    subject: str
    status: str
    customer: Customer
    assigned_to_user_id: UUID | None
    tags: list[str]
    is_spam: bool
    related_thread_id: UUID | None
    last_message_at: datetime
    created_at: datetime
    is_cut: bool
    messages: list[Message]
    next_cursor: str | None


class MessagesQuery(PageQuery):
    """Which messages of a thread: the newest, or those before a cursor."""


MESSAGE_FIELDS = (
    "attachments", "body_text", "cc", "failure_advice", "failure_reason", "join_evidence", "kind", "message_sid",
    "origin", "problems", "recipient", "reply_text", "sender", "signature_text", "subject", "to",
)  # fmt: skip
"""The fields of a message that can be long enough to be cut."""


class MessagePartQuery(RequestBody):
    """Which piece of a field: the first, or the one behind a cursor."""

    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)


class MessagePart(BaseModel):
    """A piece of one field of a message; the pieces of all cursors, one after the other, are the whole field.

    A text's piece is in `text`, a list's in `items`, attachments are in `attachments`; the others are null.
    """

    message_id: UUID
    field: str
    text: str | None
    items: list[str] | None
    attachments: list[Attachment] | None
    next_cursor: str | None


class ThreadQuery(PageQuery):
    """Which threads: all that are no spam, or only the spam; of one customer, one agent, one status, one tag."""

    customer_id: UUID | None = None
    status: ThreadStatus | None = None
    assigned_to: UUID | Literal["nobody"] | None = None
    tag: str | None = Field(default=None, max_length=50)
    is_spam: bool = False


class ThreadChange(RequestBody):
    """What an agent changes of a thread; what is not named stays. A null assignee assigns it to nobody."""

    status: ThreadStatus = "open"
    assigned_to_user_id: UUID | None = None
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    is_spam: bool = False

    @model_validator(mode="after")
    def _changes_something(self) -> "ThreadChange":
        if not self.model_fields_set:
            raise ValueError("status, assigned_to_user_id, tags or is_spam is required")
        return self


class ThreadSplit(RequestBody):
    """The message with which a thread of its own begins."""

    message_id: UUID


class ThreadRead(BaseModel):
    """What reading a thread changed: how many of its messages were unread until now."""

    thread_id: UUID
    newly_read: int
