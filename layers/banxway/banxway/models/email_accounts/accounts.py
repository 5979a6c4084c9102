"""Mailboxes: what an admin types in, and what users see."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from banxway.models.changes import ChangeBody, OnlyFalse, OnlyTrue
from banxway.models.email_accounts.presets import Provider
from banxway.models.fields import HostName, Label, OneLine, PlainEmail, PortNumber, RequestBody
from banxway.models.mail import FolderRole

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
    """The guide's Test 5: both logins of a mailbox."""

    email: PlainEmail
    """The mailbox's address."""
    smtp_host: HostName
    """The server that sends its mail."""
    smtp_port: PortNumber = 587
    """Its port: 587 with STARTTLS, 465 with TLS from the first byte."""
    smtp_user: _Login
    """The user name on that server."""
    smtp_password: _Password
    """The password on that server; for Zoho an app password."""
    smtp_secure: bool | None = None
    """Whether the connection uses TLS from the first byte; null lets the port decide."""
    imap_host: HostName
    """The server that its mail is read from."""
    imap_port: PortNumber = 993
    """Its port: 993 with TLS from the first byte, 143 with STARTTLS."""
    imap_user: _Login
    """The user name on that server."""
    imap_password: _Password
    """The password on that server; for Zoho an app password."""
    imap_tls: bool = True
    """Whether the connection uses TLS from the first byte; false is STARTTLS."""


class NewEmailAccount(EmailAccountLogin):
    """The guide's Step 4: a mailbox to send from and to poll, every 10 s to 5 min.

    A limit that is left out is the provider's usual one; null means no limit.
    """

    name: _Name
    """The team's name for the mailbox."""
    smtp_enabled: bool = True
    """Whether mail may be sent from it."""
    imap_enabled: bool = True
    """Whether it is polled."""
    poll_interval_ms: _Interval = 30_000
    """The time between two polls, in milliseconds."""
    is_default: bool = False
    """Whether mail is sent from it if no mailbox is named."""
    signature_html: _Signature = ""
    """The signature that is added to the HTML of mails sent from it."""
    signature_text: _Signature = ""
    """The signature that is added to the text of mails sent from it."""
    reply_to: PlainEmail | None = None
    """The address that answers go to; null is the mailbox itself."""
    hourly_limit: _Limit | None = None
    """How many mails may be sent in 60 minutes; null is no limit."""
    daily_limit: _Limit | None = None
    """How many mails may be sent in 24 hours; null is no limit."""
    folders: _Folders | None = None
    """The folders that are synced; null is the inbox, Sent and Spam."""
    marks_seen: bool = False
    """Whether a mail that is read here is marked as read on the server."""
    uses_idle: bool = False
    """Whether the server announces new mail itself (IMAP IDLE), between polls."""
    sends_canary: bool = False
    """Whether it sends itself a test mail every hour, which proves that mail arrives although nobody writes."""
    assigned_to_user_id: UUID | None = None
    """The user that new threads of this mailbox are assigned to; null is nobody."""


class EmailAccountChange(ChangeBody):
    """The change of a mailbox; fields that are left out do not change."""

    may_be_null = frozenset(
        {"reply_to", "hourly_limit", "daily_limit", "folders", "assigned_to_user_id", "smtp_secure"}
    )

    name: _Name | None = None
    """The team's name for the mailbox."""
    smtp_host: HostName | None = None
    """The server that sends its mail."""
    smtp_port: PortNumber | None = None
    """Its port: 587 with STARTTLS, 465 with TLS from the first byte."""
    smtp_user: _Login | None = None
    """The user name on that server."""
    smtp_password: _Password | None = None
    """The password on that server; for Zoho an app password."""
    smtp_secure: bool | None = None
    """Whether the connection uses TLS from the first byte; null lets the port decide."""
    imap_host: HostName | None = None
    """The server that its mail is read from."""
    imap_port: PortNumber | None = None
    """Its port: 993 with TLS from the first byte, 143 with STARTTLS."""
    imap_user: _Login | None = None
    """The user name on that server."""
    imap_password: _Password | None = None
    """The password on that server; for Zoho an app password."""
    imap_tls: bool | None = None
    """Whether the connection uses TLS from the first byte; false is STARTTLS."""
    smtp_enabled: bool | None = None
    """Whether mail may be sent from it."""
    imap_enabled: bool | None = None
    """Whether it is polled."""
    poll_interval_ms: _Interval | None = None
    """The time between two polls, in milliseconds."""
    is_default: OnlyTrue | None = None
    """True makes it the mailbox that sends if none is named."""
    signature_html: _Signature | None = None
    """The signature that is added to the HTML of mails sent from it."""
    signature_text: _Signature | None = None
    """The signature that is added to the text of mails sent from it."""
    reply_to: PlainEmail | None = None
    """The address that answers go to; null is the mailbox itself."""
    hourly_limit: _Limit | None = None
    """How many mails may be sent in 60 minutes; null is no limit."""
    daily_limit: _Limit | None = None
    """How many mails may be sent in 24 hours; null is no limit."""
    folders: _Folders | None = None
    """The folders that are synced; null is the inbox, Sent and Spam."""
    marks_seen: bool | None = None
    """Whether a mail that is read here is marked as read on the server."""
    uses_idle: bool | None = None
    """Whether the server announces new mail itself (IMAP IDLE), between polls."""
    assigned_to_user_id: UUID | None = None
    """The user that new threads of this mailbox are assigned to; null is nobody."""
    sends_canary: bool | None = None
    """Whether it sends itself a test mail every hour."""
    sending_stopped: OnlyFalse | None = None
    """False resumes sending, after the provider blocked the account."""


class FirstSync(BaseModel):
    """How far the first sync of a mailbox is, over the folders that were never read to their end."""

    stored: int
    """How many of their mails are stored."""
    on_server: int
    """How many mails the server had in them when it first listed them."""


class EmailAccount(BaseModel):
    """A mailbox as users see it: without passwords."""

    id: UUID
    """The mailbox's id."""
    name: str
    """The team's name for the mailbox."""
    email: str
    """The mailbox's address."""
    provider: Provider
    """The mail provider, as its hosts show."""
    smtp_host: str
    """The server that sends its mail."""
    smtp_port: int
    """Its port."""
    smtp_user: str
    """The user name on that server."""
    smtp_secure: bool
    """Whether the connection uses TLS from the first byte; false is STARTTLS."""
    smtp_enabled: bool
    """Whether mail may be sent from it."""
    imap_host: str
    """The server that its mail is read from."""
    imap_port: int
    """Its port."""
    imap_user: str
    """The user name on that server."""
    imap_tls: bool
    """Whether the connection uses TLS from the first byte; false is STARTTLS."""
    imap_enabled: bool
    """Whether it is polled."""
    poll_interval_ms: int
    """The time between two polls, in milliseconds."""
    is_default: bool
    """Whether mail is sent from it if no mailbox is named."""
    is_verified: bool
    """Whether both logins worked when they were last tried."""
    last_verified_at: datetime | None
    """When both logins last worked; null if they never did."""
    signature_html: str
    """The signature that is added to the HTML of mails sent from it."""
    signature_text: str
    """The signature that is added to the text of mails sent from it."""
    reply_to: str | None
    """The address that answers go to; null is the mailbox itself."""
    hourly_limit: int | None
    """How many mails may be sent in 60 minutes; null is no limit."""
    daily_limit: int | None
    """How many mails may be sent in 24 hours; null is no limit."""
    sent_last_hour: int
    """How many mails were sent in the last 60 minutes."""
    sent_last_day: int
    """How many mails were sent in the last 24 hours."""
    folders: list[str] | None
    """The folders that are synced; null is the inbox, Sent and Spam."""
    marks_seen: bool
    """Whether a mail that is read here is marked as read on the server."""
    uses_idle: bool
    """Whether the server announces new mail itself (IMAP IDLE), between polls."""
    sends_canary: bool
    """Whether it sends itself a test mail every hour, which proves that mail arrives although nobody writes."""
    canary_problem: str | None
    """Why no test mail can be sent or removed; null if there is no problem."""
    assigned_to_user_id: UUID | None
    """The user that new threads of this mailbox are assigned to; null is nobody."""
    state: Literal["ok", "login_failed", "blocked", "unreachable", "needs_attention"]
    """Whether the last poll worked, and if not, why."""
    state_since: datetime
    """When the state last changed."""
    sending_stopped: bool
    """Whether sending is suspended, because the provider blocked the account."""
    sending_stopped_at: datetime | None
    """When sending was suspended; null while it is not."""
    sending_stopped_reason: str | None
    """The provider's reason for it; null while sending is not suspended."""
    version: str
    """The version of these settings and passwords; send it as If-Match with a change."""
    inbound_last_proven_at: datetime | None
    """When the last mail or test mail came in; null before the first."""
    last_polled_at: datetime | None
    """When the last poll ended; null before the first."""
    last_poll_error: str | None
    """What went wrong in the last poll, and what a person must repair; null if nothing did."""
    first_sync: FirstSync | None
    """How far the first sync is; null before the first poll and after every synced folder was read to its end."""
    created_at: datetime
    """When it was added."""
    updated_at: datetime
    """When it was last changed."""


class EmailFolder(BaseModel):
    """A folder as the mail server last listed it; a chosen folder that does not exist has `exists` false."""

    name: str
    """The folder's name."""
    role: FolderRole
    """The folder's purpose."""
    exists: bool
    """Whether the server still has it."""
    is_synced: bool
    """Whether its mail is synced."""
    synced_at: datetime | None
    """When it was last read to its end; null if it never was."""
    problem: str | None = None
    """Why a folder that should be synced is not; null if there is no problem."""
    renamed_to: str | None = None
    """The name that the folder most likely has now; null if it was not renamed."""


class PollResult(BaseModel):
    """The guide's Test 7: the result of one poll."""

    new_messages: int
    """How many mails came in."""
    new_threads: int
    """How many new threads they started."""
    poll_duration_ms: int
    """How long the poll took, in milliseconds."""
    last_polled_at: datetime
    """When the poll ended."""
