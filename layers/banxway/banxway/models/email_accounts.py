"""Mailboxes: what an admin types in, and what anybody is shown."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.account_checks import ImapCheck, Noted, SmtpCheck
from banxway.models.fields import Email, HostName, OneLine, PortNumber, RequestBody

_Password = Annotated[OneLine, Field(min_length=1, max_length=500)]


class EmailAccountLogin(RequestBody):
    """The guide's Test 5: both logins of a mailbox.

    `smtp_secure` is TLS from the first byte (465); false is STARTTLS (587). Without it the port decides.
    """

    email: Email
    smtp_host: HostName
    smtp_port: PortNumber = 587
    smtp_user: OneLine = Field(min_length=1, max_length=254)
    smtp_password: _Password
    smtp_secure: bool | None = None
    imap_host: HostName
    imap_port: PortNumber = 993
    imap_user: OneLine = Field(min_length=1, max_length=254)
    imap_password: _Password
    imap_tls: bool = True


class NewEmailAccount(EmailAccountLogin):
    """The guide's Step 4: a mailbox to send from and to poll, every 10 s to 5 min."""

    name: OneLine = Field(min_length=1, max_length=255)
    smtp_enabled: bool = True
    imap_enabled: bool = True
    poll_interval_ms: int = Field(default=30_000, ge=10_000, le=300_000)
    is_default: bool = False
    signature_html: str = Field(default="", max_length=20_000)
    signature_text: str = Field(default="", max_length=20_000)


class EmailAccount(BaseModel):
    """A mailbox as everybody may see it: never a password."""

    id: UUID
    name: str
    email: str
    smtp_host: str
    smtp_port: int
    smtp_secure: bool
    smtp_enabled: bool
    imap_host: str
    imap_port: int
    imap_tls: bool
    imap_enabled: bool
    poll_interval_ms: int
    is_default: bool
    is_verified: bool
    last_polled_at: datetime | None
    last_poll_error: str | None
    created_at: datetime


class EmailAccountCheck(Noted):
    """Both halves of the guide's Test 5."""

    smtp: SmtpCheck
    imap: ImapCheck

    @property
    def works(self) -> bool:
        """Whether both logins do."""
        return self.smtp.success and self.imap.success


class PollResult(BaseModel):
    """The guide's Test 7."""

    new_messages: int
    new_threads: int
    poll_duration_ms: int
    last_polled_at: datetime
