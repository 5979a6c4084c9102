"""What an admin should hear of once: what is wrong, about what, since when."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from banxway.models.pages import PageQuery

NotificationKind = Literal[
    "integration_failed",
    "credentials_old",
    "credentials_ending",
    "permissions_unused",
    "credentials_read_often",
    "operations_failed",
    "mailbox_failing",
    "mailbox_incomplete",
    "mailbox_overdue",
    "inbound_silent",
    "audit_broken",
    "sending_stopped",
    "sending_refused",
]
INTEGRATION_FAILED: NotificationKind = "integration_failed"
CREDENTIALS_OLD: NotificationKind = "credentials_old"
CREDENTIALS_ENDING: NotificationKind = "credentials_ending"
PERMISSIONS_UNUSED: NotificationKind = "permissions_unused"
CREDENTIALS_READ_OFTEN: NotificationKind = "credentials_read_often"
OPERATIONS_FAILED: NotificationKind = "operations_failed"
MAILBOX_FAILING: NotificationKind = "mailbox_failing"
MAILBOX_INCOMPLETE: NotificationKind = "mailbox_incomplete"
MAILBOX_OVERDUE: NotificationKind = "mailbox_overdue"
INBOUND_SILENT: NotificationKind = "inbound_silent"
AUDIT_BROKEN: NotificationKind = "audit_broken"
SENDING_STOPPED: NotificationKind = "sending_stopped"
SENDING_REFUSED: NotificationKind = "sending_refused"
"""The kinds; the subject is an integration type, an audit action, a mailbox's id, or "several" of them."""


class Notification(BaseModel):
    """One notification; `closed_at` is set when its cause is gone, or somebody has dismissed it.

    `is_cut` says that the sentence is long and shortened here; the audit trail has it, too.
    """

    id: UUID
    """The notification's id."""
    kind: NotificationKind
    """What is wrong."""
    subject: str
    """What it is about: an integration, an audit action or a mailbox's id."""
    sentence: str
    """What happened, for a person."""
    is_cut: bool
    """Whether the sentence is shortened here."""
    occurrences: int
    """How often it has happened since it was opened."""
    created_at: datetime
    """When it was opened."""
    closed_at: datetime | None
    """When its cause was gone, or somebody dismissed it; null while it is open."""


class NotificationQuery(PageQuery):
    """Which notifications: the open ones, or with `include_closed=true` all there have been."""

    include_closed: bool = False
    """Whether closed ones are listed, too."""
