"""Threads and what is in them, as agents read them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.fields import Label, RequestBody
from banxway.models.pages import PageQuery

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

    `to` and `cc` are a mail's, as its header says. `reply_text` is `body_text` without what it quotes and signs
    with, null where that is the same. `automatic` says what sent it if no person did. `join_rule` and
    `join_evidence` say why it is in this thread. `authentication` is what the mailbox's own server found of the
    sender (RFC 8601).
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
    occurred_at: datetime


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
    messages: list[Message]


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
