"""Notifications for admins: what is wrong, with what, and since when. Each cause is reported once."""

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
    "work_given_up",
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
WORK_GIVEN_UP: NotificationKind = "work_given_up"
"""The kinds. A notification's subject is an integration type, audit action, mailbox's id, queue, or "several"."""


class Notification(BaseModel):
    """One notification.

    `is_cut` is true if the sentence is shortened; the audit trail has it, too.
    """

    id: UUID
    """The notification's id."""
    kind: NotificationKind
    """What is wrong."""
    subject: str
    """The integration type, audit action or mailbox id that it concerns."""
    sentence: str
    """A sentence that says what happened."""
    is_cut: bool
    """Whether the sentence is shortened."""
    occurrences: int
    """How often it has happened since it was opened."""
    created_at: datetime
    """When it was opened."""
    closed_at: datetime | None
    """When its cause was gone, or a user dismissed it; null while it is open."""


class NotificationQuery(PageQuery):
    """Which notifications: the open ones, or all."""

    include_closed: bool = False
    """Whether closed ones are included."""
