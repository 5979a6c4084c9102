"""A row of the table `messages`: as it is inserted, and as it is read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus
from banxway.models.words import Channel, Direction


@dataclass(frozen=True, slots=True)
class NewMessageRow:
    """A message to insert; fields that its channel does not have stay empty."""

    id: UUID
    organization_id: UUID
    thread_id: UUID
    customer_id: UUID
    channel: str
    direction: str
    status: MessageStatus
    sender: str
    recipient: str
    occurred_at: datetime
    join_rule: str
    join_evidence: str = ""
    kind: str = "text"
    subject: str = ""
    body_text: str = ""
    body_html: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    provider_sid: str | None = None
    email_account_id: UUID | None = None
    mail_message_id: str | None = None
    mail_in_reply_to: str | None = None
    mail_references: list[str] = field(default_factory=list)
    mail_origin: str | None = None
    raw_blob: str | None = None
    problems: list[str] = field(default_factory=list)
    identity: str | None = None
    created_by: UUID | None = None
    mail_to: list[str] = field(default_factory=list)
    mail_cc: list[str] = field(default_factory=list)
    mail_bcc: list[str] = field(default_factory=list)
    mail_reply_to: list[str] = field(default_factory=list)
    automatic: str | None = None
    reply_text: str | None = None
    signature_text: str | None = None
    seen_at: datetime | None = None
    is_spam: bool = False
    mail_conversation: str | None = None
    mail_base_subject: str | None = None
    mail_authentication: str | None = None
    sender_name: str = ""
    mail_raw_message_id: str | None = None
    mail_written_for: str | None = None
    mail_answered_sender: str | None = None
    forwarded_from: str | None = None
    forwarded_name: str | None = None
    answer_to: str | None = None
    sent_at: datetime | None = None
    placed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as it is stored."""

    id: UUID
    organization_id: UUID
    thread_id: UUID
    customer_id: UUID
    channel: Channel
    direction: Direction
    kind: str
    status: MessageStatus
    sender: str
    recipient: str
    subject: str
    body_text: str
    body_html: str | None
    content: dict[str, Any]
    provider_sid: str | None
    provider_code: str | None
    failure_reason: str | None
    failure_advice: str | None
    email_account_id: UUID | None
    mail_message_id: str | None
    mail_in_reply_to: str | None
    mail_references: list[str]
    mail_origin: str | None
    join_rule: str
    join_evidence: str
    raw_blob: str | None
    problems: list[str]
    identity: str | None
    created_by: UUID | None
    attempts: int
    next_attempt_at: datetime
    lease_id: UUID | None
    lease_until: datetime | None
    occurred_at: datetime
    created_at: datetime
    updated_at: datetime
    mail_to: list[str]
    mail_cc: list[str]
    mail_bcc: list[str]
    mail_reply_to: list[str]
    reply_text: str | None
    signature_text: str | None
    seen_at: datetime | None
    is_spam: bool
    automatic: Literal["vacation", "forward"] | None
    attempted_at: datetime | None
    took_nothing: bool
    sent_looks: int
    sent_looked_at: datetime | None
    mail_conversation: str | None
    mail_base_subject: str | None
    mail_authentication: str | None
    sender_name: str
    mail_raw_message_id: str | None
    mail_written_for: str | None
    mail_answered_sender: str | None
    forwarded_from: str | None
    forwarded_name: str | None
    answer_to: str | None
    sent_at: datetime | None
    placed_at: datetime | None
    ordered_at: datetime
    arrival: int
    failure_code: str | None

    def __post_init__(self) -> None:
        # Postgres returns the status as a text.
        object.__setattr__(self, "status", MessageStatus(self.status))


COLUMNS = ", ".join(MessageRow.__slots__)
"""The columns that make a MessageRow."""
