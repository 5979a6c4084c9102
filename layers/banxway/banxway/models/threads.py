"""Threads and what is in them, as agents read them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.fields import Email, Label, RequestBody
from banxway.models.pages import PageQuery
from banxway.models.thread_messages import Message, ThreadEvent

ThreadStatus = Literal["open", "closed"]
Tag = Annotated[Label, Field(min_length=1, max_length=50)]


class CustomerAddress(BaseModel):
    """One address of a customer: `kind` is email or phone.

    With `via` they did not prove it: it stood as Reply-To in mails of that sender, which writes for others.
    """

    kind: str
    address: str
    via: str = ""


class Customer(BaseModel):
    """The person a thread is with."""

    id: UUID
    name: str
    addresses: list[CustomerAddress]


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


class SuggestedCustomer(BaseModel):
    """Whom a message that a member forwarded names as its author; a person must say that it is true."""

    email: str
    name: str
    message_id: UUID


class Thread(BaseModel):
    """One thread with its customer and its latest messages, oldest first.

    `reply_to` and `reply_all` say by channel whom an answer goes to that names nobody: the writer alone, and
    everybody. A channel stands there only if somebody can be answered on it.

    `next_cursor` leads to the messages before these (GET …/messages), null where there are none. `is_cut` says
    that subject, tags, events, or the customer's name or addresses are more than what is shown here.
    `related_thread_id` is the thread that its first mail referred to without belonging to it. `events` are the
    latest that are about no message shown to us, oldest first.
    """

    id: UUID
    subject: str
    status: str
    customer: Customer
    assigned_to_user_id: UUID | None
    tags: list[str]
    is_spam: bool
    related_thread_id: UUID | None
    suggested_customer: SuggestedCustomer | None
    reply_to: dict[str, list[str]]
    reply_all: dict[str, list[str]]
    last_message_at: datetime
    created_at: datetime
    events: list[ThreadEvent]
    is_cut: bool
    messages: list[Message]
    next_cursor: str | None


class MessagesQuery(PageQuery):
    """Which messages of a thread: the newest, or those before a cursor."""


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


class ThreadCustomer(RequestBody):
    """Whom a thread is with: an e-mail address, and their name if they are new."""

    email: Email
    name: Label | None = Field(default=None, min_length=1, max_length=200)


class ThreadRead(BaseModel):
    """What reading a thread changed: how many of its messages were unread until now."""

    thread_id: UUID
    newly_read: int
