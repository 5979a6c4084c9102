"""Mailboxes: what an admin types in, and what anybody is shown."""

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
    """The guide's Test 5: both logins of a mailbox.

    `smtp_secure` is TLS from the first byte (465); false is STARTTLS (587). Without it the port decides.
    """

    email: PlainEmail
    """The mailbox's address."""
    smtp_host: HostName
    """The server that mail leaves by."""
    smtp_port: PortNumber = 587
    """Its port: 587 with STARTTLS, 465 with TLS from the first byte."""
    smtp_user: _Login
    """The login's name there."""
    smtp_password: _Password
    """The login's password there, for Zoho an app password."""
    smtp_secure: bool | None = None
    """Whether TLS begins with the first byte; null lets the port decide."""
    imap_host: HostName
    """The server that mail is read from."""
    imap_port: PortNumber = 993
    """Its port: 993 with TLS from the first byte, 143 with STARTTLS."""
    imap_user: _Login
    """The login's name there."""
    imap_password: _Password
    """The login's password there, for Zoho an app password."""
    imap_tls: bool = True
    """Whether TLS begins with the first byte; false is STARTTLS."""


class NewEmailAccount(EmailAccountLogin):
    """The guide's Step 4: a mailbox to send from and to poll, every 10 s to 5 min.

    `folders` of null are the inbox, Sent and Spam. Limits that are left out are the provider's usual ones, and
    null is none.
    """

    name: _Name
    """What the team calls the mailbox."""
    smtp_enabled: bool = True
    """Whether mail may leave by it."""
    imap_enabled: bool = True
    """Whether it is polled."""
    poll_interval_ms: _Interval = 30_000
    """How often it is polled, in milliseconds."""
    is_default: bool = False
    """Whether mail leaves by it where nothing else is said."""
    signature_html: _Signature = ""
    """What is added to the HTML of mails that leave by it."""
    signature_text: _Signature = ""
    """What is added to the text of mails that leave by it."""
    reply_to: PlainEmail | None = None
    """Where answers are to go, if not to the mailbox itself."""
    hourly_limit: _Limit | None = None
    """How many mails may leave in 60 minutes; null is no limit."""
    daily_limit: _Limit | None = None
    """How many mails may leave in 24 hours; null is no limit."""
    folders: _Folders | None = None
    """The folders that are read; null is the inbox, Sent and Spam."""
    marks_seen: bool = False
    """Whether a mail that is read here is marked as read on the server."""
    uses_idle: bool = False
    """Whether the server announces new mail itself (IMAP IDLE), between polls."""
    sends_canary: bool = False
    """Whether a test mail to itself is sent every hour, found and removed, which turns silence into proof."""
    assigned_to_user_id: UUID | None = None
    """Whom new threads of this mailbox are assigned to; null is nobody."""


class EmailAccountChange(ChangeBody):
    """What is to be different; what is left out stays.

    Null removes `reply_to`, a limit or the assignment, chooses the usual `folders`, and lets the port decide
    about `smtp_secure`. `sending_stopped: false` lets mail leave again after the provider blocked the account.
    """

    may_be_null = frozenset(
        {"reply_to", "hourly_limit", "daily_limit", "folders", "assigned_to_user_id", "smtp_secure"}
    )

    name: _Name | None = None
    """What the team calls the mailbox."""
    smtp_host: HostName | None = None
    """The server that mail leaves by."""
    smtp_port: PortNumber | None = None
    """Its port: 587 with STARTTLS, 465 with TLS from the first byte."""
    smtp_user: _Login | None = None
    """The login's name there."""
    smtp_password: _Password | None = None
    """The login's password there, for Zoho an app password."""
    smtp_secure: bool | None = None
    """Whether TLS begins with the first byte; null lets the port decide."""
    imap_host: HostName | None = None
    """The server that mail is read from."""
    imap_port: PortNumber | None = None
    """Its port: 993 with TLS from the first byte, 143 with STARTTLS."""
    imap_user: _Login | None = None
    """The login's name there."""
    imap_password: _Password | None = None
    """The login's password there, for Zoho an app password."""
    imap_tls: bool | None = None
    """Whether TLS begins with the first byte; false is STARTTLS."""
    smtp_enabled: bool | None = None
    """Whether mail may leave by it."""
    imap_enabled: bool | None = None
    """Whether it is polled."""
    poll_interval_ms: _Interval | None = None
    """How often it is polled, in milliseconds."""
    is_default: OnlyTrue | None = None
    """True makes it the mailbox by which mail leaves where nothing else is said."""
    signature_html: _Signature | None = None
    """What is added to the HTML of mails that leave by it."""
    signature_text: _Signature | None = None
    """What is added to the text of mails that leave by it."""
    reply_to: PlainEmail | None = None
    """Where answers are to go; null is the mailbox itself."""
    hourly_limit: _Limit | None = None
    """How many mails may leave in 60 minutes; null is no limit."""
    daily_limit: _Limit | None = None
    """How many mails may leave in 24 hours; null is no limit."""
    folders: _Folders | None = None
    """The folders that are read; null is the inbox, Sent and Spam."""
    marks_seen: bool | None = None
    """Whether a mail that is read here is marked as read on the server."""
    uses_idle: bool | None = None
    """Whether the server announces new mail itself (IMAP IDLE), between polls."""
    assigned_to_user_id: UUID | None = None
    """Whom new threads of this mailbox are assigned to; null is nobody."""
    sends_canary: bool | None = None
    """Whether a test mail to itself is sent every hour."""
    sending_stopped: OnlyFalse | None = None
    """False lets mail leave again after the provider blocked the account."""


class EmailAccount(BaseModel):
    """A mailbox as everybody may see it: never a password.

    `state` is ok, login_failed, blocked, unreachable or needs_attention, since `state_since`; `last_poll_error` says
    what a person must see to. `inbound_last_proven_at` is when something last came in. What was sent is counted
    over the last 60 minutes and 24 hours; while `sending_stopped`, nothing leaves.
    """

    id: UUID
    """The mailbox's id."""
    name: str
    """What the team calls the mailbox."""
    email: str
    """The mailbox's address."""
    provider: Provider
    """Whose mailbox it is, told by its hosts."""
    smtp_host: str
    """The server that mail leaves by."""
    smtp_port: int
    """Its port."""
    smtp_user: str
    """The login's name there."""
    smtp_secure: bool
    """Whether TLS begins with the first byte; false is STARTTLS."""
    smtp_enabled: bool
    """Whether mail may leave by it."""
    imap_host: str
    """The server that mail is read from."""
    imap_port: int
    """Its port."""
    imap_user: str
    """The login's name there."""
    imap_tls: bool
    """Whether TLS begins with the first byte; false is STARTTLS."""
    imap_enabled: bool
    """Whether it is polled."""
    poll_interval_ms: int
    """How often it is polled, in milliseconds."""
    is_default: bool
    """Whether mail leaves by it where nothing else is said."""
    is_verified: bool
    """Whether both logins worked when they were last tried."""
    signature_html: str
    """What is added to the HTML of mails that leave by it."""
    signature_text: str
    """What is added to the text of mails that leave by it."""
    reply_to: str | None
    """Where answers are to go; null is the mailbox itself."""
    hourly_limit: int | None
    """How many mails may leave in 60 minutes; null is no limit."""
    daily_limit: int | None
    """How many mails may leave in 24 hours; null is no limit."""
    sent_last_hour: int
    """How many mails left in the last 60 minutes."""
    sent_last_day: int
    """How many mails left in the last 24 hours."""
    folders: list[str] | None
    """The folders that are read; null is the inbox, Sent and Spam."""
    marks_seen: bool
    """Whether a mail that is read here is marked as read on the server."""
    uses_idle: bool
    """Whether the server announces new mail itself (IMAP IDLE), between polls."""
    sends_canary: bool
    """Whether a test mail to itself is sent every hour, found and removed, which turns silence into proof."""
    canary_problem: str | None
    """Why no test mail can be sent or removed; null where all is well."""
    assigned_to_user_id: UUID | None
    """Whom new threads of this mailbox are assigned to; null is nobody."""
    state: Literal["ok", "login_failed", "blocked", "unreachable", "needs_attention"]
    """Whether the last poll worked, and if not, why."""
    state_since: datetime
    """Since when it has been so."""
    sending_stopped: bool
    """Whether nothing leaves, since the provider blocked the account."""
    sending_stopped_at: datetime | None
    """When sending was stopped; null while it is not."""
    sending_stopped_reason: str | None
    """The provider's words for it; null while sending is not stopped."""
    inbound_last_proven_at: datetime | None
    """When mail last came in, or a test mail did; null before the first."""
    last_polled_at: datetime | None
    """When the last poll ended; null before the first."""
    last_poll_error: str | None
    """What went wrong with the last poll; null where nothing did."""
    created_at: datetime
    """When it was added."""
    updated_at: datetime
    """When it was last changed."""


class EmailFolder(BaseModel):
    """A folder as the mail server last listed it; one that was chosen and is not there has `exists` false.

    `problem` is why one that should be synced is not; `renamed_to` is the folder that most likely took its place.
    """

    name: str
    """The folder's name."""
    role: FolderRole
    """What the folder is for."""
    exists: bool
    """Whether the server still has it."""
    is_synced: bool
    """Whether its mail is read."""
    synced_at: datetime | None
    """When it was last read to its end; null before the first time."""
    problem: str | None = None
    """Why a folder that should be synced is not; null where it is."""
    renamed_to: str | None = None
    """The folder that most likely took its place; null where none did."""


class PollResult(BaseModel):
    """The guide's Test 7."""

    new_messages: int
    """How many mails came in."""
    new_threads: int
    """How many threads began with them."""
    poll_duration_ms: int
    """How long the poll took, in milliseconds."""
    last_polled_at: datetime
    """When the poll ended."""
