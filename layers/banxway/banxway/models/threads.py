"""Threads and what is in them, as agents read them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from banxway.models.pages import PageQuery


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
    """One message of a thread. `problems` says in sentences what could not be read of it."""

    id: UUID
    channel: str
    direction: str
    kind: str
    status: str
    sender: str
    recipient: str
    subject: str
    body_text: str
    message_sid: str | None
    failure_reason: str | None
    failure_advice: str | None
    origin: str | None
    join_rule: str
    problems: list[str]
    attachments: list[Attachment]
    created_by: UUID | None
    occurred_at: datetime


class ThreadSummary(BaseModel):
    """One row of the list of threads."""

    id: UUID
    subject: str
    status: str
    customer_id: UUID
    customer_name: str
    assigned_to_user_id: UUID | None
    last_message_at: datetime
    last_message_text: str
    message_count: int


class Thread(BaseModel):
    """One thread with its customer and its latest messages, oldest first."""

    id: UUID
    subject: str
    status: str
    customer: Customer
    assigned_to_user_id: UUID | None
    last_message_at: datetime
    created_at: datetime
    messages: list[Message]


class ThreadQuery(PageQuery):
    """Which threads: all, or those of one customer."""

    customer_id: UUID | None = None
