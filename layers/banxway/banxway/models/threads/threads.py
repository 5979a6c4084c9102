"""Threads and what is in them, as agents read them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.changes import ChangeBody
from banxway.models.fields import Email, Label, RequestBody
from banxway.models.pages import PageQuery
from banxway.models.threads.messages import Message, ThreadEvent
from banxway.models.words import AddressKind

ThreadStatus = Literal["open", "closed"]
Tag = Annotated[Label, Field(min_length=1, max_length=50)]


class CustomerAddress(BaseModel):
    """One address of a customer: `kind` is email or phone.

    With `via` they did not prove it: it stood as Reply-To in mails of that sender, which writes for others.
    """

    kind: AddressKind
    """What `address` is."""
    address: str
    """An email address in lower case, or a phone number in E.164."""
    via: str = ""
    """Who wrote in their name, where they only claimed the address; else empty."""


class Customer(BaseModel):
    """The person a thread is with."""

    id: UUID
    """The customer's id."""
    name: str
    """The customer's name, or their first address where no name is known."""
    addresses: list[CustomerAddress]
    """How they are reached."""


class ThreadSummary(BaseModel):
    """One row of the list of threads; `unread_count` is of customers' messages that nobody has read yet.

    `is_cut` says that subject, name or tags are long and shortened here; the thread itself has more of them.
    """

    id: UUID
    """The thread's id."""
    subject: str
    """Its subject."""
    status: ThreadStatus
    """Whether somebody still has to do with it."""
    customer_id: UUID
    """Whom it is with."""
    customer_name: str
    """Their name."""
    assigned_to_user_id: UUID | None
    """Whose it is; null is nobody's."""
    tags: list[str]
    """Its tags."""
    is_spam: bool
    """Whether it is spam."""
    last_message_at: datetime
    """When its latest message came or was written."""
    last_message_text: str
    """The beginning of that message."""
    is_cut: bool
    """Whether subject, name or tags are shortened here."""
    message_count: int
    """How many messages it has."""
    unread_count: int
    """How many of the customer's messages nobody has read yet."""


class SuggestedCustomer(BaseModel):
    """Whom a message that a member forwarded names as its author; a person must say that it is true."""

    email: str
    """The address that the forwarded message names as its author."""
    name: str
    """The name beside it; empty where there is none."""
    message_id: UUID
    """The message that a member forwarded."""


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
    """The thread's id."""
    subject: str
    """Its subject."""
    status: ThreadStatus
    """Whether somebody still has to do with it."""
    customer: Customer
    """Whom it is with."""
    assigned_to_user_id: UUID | None
    """Whose it is; null is nobody's."""
    tags: list[str]
    """Its tags."""
    is_spam: bool
    """Whether it is spam."""
    related_thread_id: UUID | None
    """The thread that its first mail referred to without belonging to it; null where there is none."""
    suggested_customer: SuggestedCustomer | None
    """Whom a forwarded message names as its author; null where none does."""
    reply_to: dict[str, list[str]]
    """Whom an answer goes to that names nobody, by channel."""
    reply_all: dict[str, list[str]]
    """Whom an answer to everybody goes to, by channel."""
    last_message_at: datetime
    """When its latest message came or was written."""
    created_at: datetime
    """When it began."""
    events: list[ThreadEvent]
    """The latest events that are about no message shown here, the oldest first."""
    is_cut: bool
    """Whether subject, tags, events, or the customer's name or addresses are shortened here."""
    messages: list[Message]
    """Its latest messages, the oldest first."""
    next_cursor: str | None
    """Leads to the messages before these; null where there are none."""


class MessagesQuery(PageQuery):
    """Which messages of a thread: the newest, or those before a cursor."""


class ThreadQuery(PageQuery):
    """Which threads: all that are no spam, or only the spam; of one customer, one agent, one status, one tag."""

    customer_id: UUID | None = None
    """Only threads with this customer."""
    status: ThreadStatus | None = None
    """Only open, or only closed threads."""
    assigned_to: UUID | Literal["nobody"] | None = None
    """Only threads of this user, or of nobody."""
    tag: str | None = Field(default=None, max_length=50)
    """Only threads with this tag."""
    is_spam: bool = False
    """Only spam; left out, everything else."""


class ThreadChange(ChangeBody):
    """What an agent changes of a thread; what is not named stays. A null assignee assigns it to nobody."""

    may_be_null = frozenset({"assigned_to_user_id"})

    status: ThreadStatus = "open"
    """Whether somebody still has to do with it."""
    assigned_to_user_id: UUID | None = None
    """Whose it is to be; null is nobody's."""
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    """All the tags that it is to have."""
    is_spam: bool = False
    """Whether it is spam."""


class ThreadSplit(RequestBody):
    """The message with which a thread of its own begins."""

    message_id: UUID
    """The message with which a thread of its own begins."""


class ThreadCustomer(RequestBody):
    """Whom a thread is with: an e-mail address, and their name if they are new."""

    email: Email
    """Their email address."""
    name: Label | None = Field(default=None, min_length=1, max_length=200)
    """Their name, if they are new."""


class ThreadRead(BaseModel):
    """What reading a thread changed: how many of its messages were unread until now."""

    thread_id: UUID
    """The thread's id."""
    newly_read: int
    """How many of its messages were unread until now."""
