"""What an admin should hear of once: what is wrong, about what, since when."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from banxway.models.pages import PageQuery

INTEGRATION_FAILED = "integration_failed"
CREDENTIALS_OLD = "credentials_old"
CREDENTIALS_ENDING = "credentials_ending"
PERMISSIONS_UNUSED = "permissions_unused"
CREDENTIALS_READ_OFTEN = "credentials_read_often"
OPERATIONS_FAILED = "operations_failed"
MAILBOX_FAILING = "mailbox_failing"
MAILBOX_INCOMPLETE = "mailbox_incomplete"
MAILBOX_OVERDUE = "mailbox_overdue"
INBOUND_SILENT = "inbound_silent"
AUDIT_BROKEN = "audit_broken"
SENDING_STOPPED = "sending_stopped"
SENDING_REFUSED = "sending_refused"
"""The kinds; the subject is an integration type, an audit action, a mailbox's id, or "several" of them."""


class Notification(BaseModel):
    """One notification; `closed_at` is set when its cause is gone, or somebody has dismissed it.

    `is_cut` says that the sentence is long and shortened here; the audit trail has it, too.
    """

    id: UUID
    kind: str
    subject: str
    sentence: str
    is_cut: bool
    occurrences: int
    created_at: datetime
    closed_at: datetime | None


class NotificationQuery(PageQuery):
    """Which notifications: the open ones, or with `include_closed=true` all there have been."""

    include_closed: bool = False
