"""Mailboxes: what an admin types in, and what anybody is shown."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from banxway.models.fields import Email, HostName, Label, OneLine, PortNumber, RequestBody

_Login = Annotated[OneLine, Field(min_length=1, max_length=254)]
_Password = Annotated[OneLine, Field(min_length=1, max_length=500)]
_Name = Annotated[Label, Field(min_length=1, max_length=255)]
_Interval = Annotated[int, Field(ge=10_000, le=300_000)]
_Limit = Annotated[int, Field(ge=1, le=1_000_000)]
_Signature = Annotated[str, Field(max_length=20_000)]


def _must_be_distinct(names: list[str]) -> list[str]:
    names = ["INBOX" if name.upper() == "INBOX" else name for name in names]  # RFC 3501, 5.1
    if len(set(names)) < len(names):
        raise ValueError("must not name a folder twice")
    return names


_Folders = Annotated[
    list[Annotated[OneLine, Field(min_length=1, max_length=255)]],
    Field(min_length=1, max_length=50),
    AfterValidator(_must_be_distinct),
]


class EmailAccountLogin(RequestBody):
    """The guide's Test 5: both logins of a mailbox.

    `smtp_secure` is TLS from the first byte (465); false is STARTTLS (587). Without it the port decides.
    """

    email: Email
    smtp_host: HostName
    smtp_port: PortNumber = 587
    smtp_user: _Login
    smtp_password: _Password
    smtp_secure: bool | None = None
    imap_host: HostName
    imap_port: PortNumber = 993
    imap_user: _Login
    imap_password: _Password
    imap_tls: bool = True


class NewEmailAccount(EmailAccountLogin):
    """The guide's Step 4: a mailbox to send from and to poll, every 10 s to 5 min.

    `folders` of null are the inbox, Sent and Spam. Limits that are left out are the provider's usual ones, and
    null is none.
    """

    name: _Name
    smtp_enabled: bool = True
    imap_enabled: bool = True
    poll_interval_ms: _Interval = 30_000
    is_default: bool = False
    signature_html: _Signature = ""
    signature_text: _Signature = ""
    reply_to: Email | None = None
    hourly_limit: _Limit | None = None
    daily_limit: _Limit | None = None
    folders: _Folders | None = None
    marks_seen: bool = False
    uses_idle: bool = False
    assigned_to_user_id: UUID | None = None


_MAY_BE_NULL = frozenset(
    {"reply_to", "hourly_limit", "daily_limit", "folders", "assigned_to_user_id", "smtp_secure"}
)


class EmailAccountChange(RequestBody):
    """What is to be different; what is left out stays.

    Null removes `reply_to`, a limit or the assignment, chooses the usual `folders`, and lets the port decide
    about `smtp_secure`. `sending_stopped: false` lets mail leave again after the provider blocked the account.
    """

    name: _Name | None = None
    smtp_host: HostName | None = None
    smtp_port: PortNumber | None = None
    smtp_user: _Login | None = None
    smtp_password: _Password | None = None
    smtp_secure: bool | None = None
    imap_host: HostName | None = None
    imap_port: PortNumber | None = None
    imap_user: _Login | None = None
    imap_password: _Password | None = None
    imap_tls: bool | None = None
    smtp_enabled: bool | None = None
    imap_enabled: bool | None = None
    poll_interval_ms: _Interval | None = None
    is_default: Literal[True] | None = None
    signature_html: _Signature | None = None
    signature_text: _Signature | None = None
    reply_to: Email | None = None
    hourly_limit: _Limit | None = None
    daily_limit: _Limit | None = None
    folders: _Folders | None = None
    marks_seen: bool | None = None
    uses_idle: bool | None = None
    assigned_to_user_id: UUID | None = None
    sending_stopped: Literal[False] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Nothing to change: give at least one field")
        for name in self.model_fields_set - _MAY_BE_NULL:
            if getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


class EmailAccount(BaseModel):
    """A mailbox as everybody may see it: never a password.

    `state` is ok, login_failed, blocked or unreachable, since `state_since`. What was sent is counted over the
    last 60 minutes and 24 hours; while `sending_stopped`, nothing leaves.
    """

    id: UUID
    name: str
    email: str
    provider: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_secure: bool
    smtp_enabled: bool
    imap_host: str
    imap_port: int
    imap_user: str
    imap_tls: bool
    imap_enabled: bool
    poll_interval_ms: int
    is_default: bool
    is_verified: bool
    signature_html: str
    signature_text: str
    reply_to: str | None
    hourly_limit: int | None
    daily_limit: int | None
    sent_last_hour: int
    sent_last_day: int
    folders: list[str] | None
    marks_seen: bool
    uses_idle: bool
    assigned_to_user_id: UUID | None
    state: str
    state_since: datetime
    sending_stopped: bool
    sending_stopped_at: datetime | None
    sending_stopped_reason: str | None
    last_polled_at: datetime | None
    last_poll_error: str | None
    created_at: datetime
    updated_at: datetime


class EmailFolder(BaseModel):
    """A folder as the mail server last listed it; one that was chosen and is not there has `exists` false."""

    name: str
    role: str
    exists: bool
    is_synced: bool
    synced_at: datetime | None


class PollResult(BaseModel):
    """The guide's Test 7."""

    new_messages: int
    new_threads: int
    poll_duration_ms: int
    last_polled_at: datetime
