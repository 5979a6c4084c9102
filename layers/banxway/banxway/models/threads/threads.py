"""Threads, as agents read and change them."""

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
    """One address of a customer.

    If `via` is set, the customer only claimed the address: it was the Reply-To of mails from that sender, which
    writes for others.
    """

    kind: AddressKind
    """What `address` is."""
    address: str
    """An email address in lower case, or a phone number in E.164."""
    via: str = ""
    """The sender that wrote for the customer, if they only claimed the address; else empty."""


class Customer(BaseModel):
    """The person that a thread is with."""

    id: UUID
    """The customer's id."""
    name: str
    """The customer's name, or their first address if no name is known."""
    addresses: list[CustomerAddress]
    """Their addresses, in the order in which they were learned."""


class ThreadSummary(BaseModel):
    """One row of the list of threads.

    `is_cut` is true if subject, name or tags are shortened; GET on the thread returns more of them.
    """

    id: UUID
    """The thread's id."""
    subject: str
    """Its subject."""
    status: ThreadStatus
    """Whether it is open or closed."""
    customer_id: UUID
    """The customer that it is with."""
    customer_name: str
    """The customer's name."""
    assigned_to_user_id: UUID | None
    """The user that it is assigned to; null is nobody."""
    tags: list[str]
    """Its tags."""
    is_spam: bool
    """Whether it is spam."""
    last_message_at: datetime
    """The time of its latest message."""
    last_message_text: str
    """The beginning of that message."""
    is_cut: bool
    """Whether subject, name or tags are shortened."""
    message_count: int
    """How many messages it has."""
    unread_count: int
    """How many inbound messages are unread."""


class SuggestedCustomer(BaseModel):
    """The author that a forwarded message names; a member must confirm that it is the customer."""

    email: str
    """The author's address, as the forwarded message names it."""
    name: str
    """The author's name, or the address if there is none."""
    message_id: UUID
    """The message that was forwarded."""


class Thread(BaseModel):
    """One thread with its customer and its latest messages.

    `reply_to` and `reply_all` have a channel only if there is a recipient on it.
    """

    id: UUID
    """The thread's id."""
    subject: str
    """Its subject."""
    status: ThreadStatus
    """Whether it is open or closed."""
    customer: Customer
    """The customer that it is with."""
    assigned_to_user_id: UUID | None
    """The user that it is assigned to; null is nobody."""
    tags: list[str]
    """Its tags."""
    is_spam: bool
    """Whether it is spam."""
    related_thread_id: UUID | None
    """The thread that its first mail referred to without belonging to it; null if there is none."""
    suggested_customer: SuggestedCustomer | None
    """The author that a forwarded message names, until a member decides; null if there is none."""
    reply_to: dict[str, list[str]]
    """The recipients of an answer that names none, by channel."""
    reply_all: dict[str, list[str]]
    """The recipients of an answer to everybody, by channel."""
    last_message_at: datetime
    """The time of its latest message."""
    created_at: datetime
    """When it began."""
    events: list[ThreadEvent]
    """The latest events that are about no known message, the oldest first."""
    is_cut: bool
    """Whether subject, tags, events, or the customer's name or addresses are shortened."""
    messages: list[Message]
    """Its latest messages, the oldest first."""
    next_cursor: str | None
    """The cursor of the messages before these (GET …/messages); null if there are none."""


class MessagesQuery(PageQuery):
    """Which messages of a thread: the newest, or those before a cursor."""


class ThreadQuery(PageQuery):
    """Which threads: those that are not spam, or only the spam; of one customer, user, status and tag."""

    customer_id: UUID | None = None
    """Only threads with this customer."""
    status: ThreadStatus | None = None
    """Only open, or only closed threads."""
    assigned_to: UUID | Literal["nobody"] | None = None
    """Only threads that are assigned to this user, or to nobody."""
    tag: str | None = Field(default=None, max_length=50)
    """Only threads with this tag."""
    is_spam: bool = False
    """Whether only spam is listed; if not, everything else is."""


class ThreadChange(ChangeBody):
    """The change of a thread; fields that are left out do not change."""

    may_be_null = frozenset({"assigned_to_user_id"})

    status: ThreadStatus = "open"
    """Whether it is open or closed."""
    assigned_to_user_id: UUID | None = None
    """The user to assign it to; null is nobody."""
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    """All its tags; they replace the present ones."""
    is_spam: bool = False
    """Whether it is spam."""


class ThreadSplit(RequestBody):
    """The split of a thread: a message that starts a thread of its own."""

    message_id: UUID
    """The message that starts a thread of its own."""


class ThreadCustomer(RequestBody):
    """The customer that a thread is with: an email address, and a name if the customer is new."""

    email: Email
    """The customer's email address."""
    name: Label | None = Field(default=None, min_length=1, max_length=200)
    """The customer's name, if they are new."""


class ThreadRead(BaseModel):
    """The result of marking a thread as read."""

    thread_id: UUID
    """The thread's id."""
    newly_read: int
    """How many of its messages were unread until now."""
