"""What a connection test found, per kind of integration."""

from typing import Any, Literal

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import SkipJsonSchema

from banxway.models.fields import Sparse

QualityRating = Literal["GREEN", "YELLOW", "RED", "unknown"]
MessagingLimit = Literal["TIER_1", "TIER_2", "TIER_3", "TIER_4", "unknown"]


class Noted(BaseModel):
    """Base of checks; `notes` says what was changed of what was typed, and is left out where nothing was."""

    notes: list[str] = []
    """What was changed of what was typed, a sentence each; left out where nothing was."""

    @model_serializer(mode="wrap")
    def _leave_out_no_notes(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if name != "notes" or value}


class PhoneAccountCheck(Noted):
    """The guide's Test 1: the account answers, may call, and owns the virtual number."""

    account_verified: bool
    """Whether Exotel took key and token for this account."""
    voice_enabled: bool
    """Whether the account may make calls."""
    virtual_number_active: bool
    """Whether the account owns the virtual number."""


class WhatsAppAccountCheck(Noted):
    """The guide's Test 3. Exotel offers no way to read rating or limit, so both say "unknown" unless told."""

    account_verified: bool
    """Whether Exotel took key and token for this account."""
    whatsapp_enabled: bool
    """Whether the account may use WhatsApp."""
    business_number_active: bool | None
    """Whether the business number is active; null where Exotel does not say."""
    quality_rating: QualityRating = "unknown"
    """The quality rating that an admin entered, else unknown."""
    messaging_limit: MessagingLimit = "unknown"
    """The messaging limit that an admin entered, else unknown."""


class SmsAccountCheck(Noted):
    """What Tests 1 and 3 of the guide say, for SMS."""

    account_verified: bool
    """Whether Exotel took key and token for this account."""
    sms_enabled: bool
    """Whether the account may send SMS."""
    sms_number_active: bool
    """Whether the account owns the SMS number."""


class SmtpCheck(Sparse):
    """The SMTP half of the guide's Test 5; `error` is set when `success` is false.

    `may_pass` is our own: whether what went wrong may be over later, as an outage and unlike a wrong password.
    """

    success: bool
    """Whether the login worked."""
    host: str
    """The host that was tried."""
    port: int
    """The port that was tried."""
    secure: bool
    """Whether TLS began with the first byte; false is STARTTLS."""
    error: str | None = None
    """What went wrong; left out where nothing did."""
    cause: str | None = None
    """What usually causes it; left out where the login worked."""
    fix: str | None = None
    """What to do about it; left out where the login worked."""
    may_pass: SkipJsonSchema[bool] = Field(default=False, exclude=True)


class ImapCheck(Sparse):
    """The IMAP half of the guide's Test 5; the counts are set when `success` is true. `may_pass` as above."""

    success: bool
    """Whether the login worked."""
    host: str
    """The host that was tried."""
    port: int
    """The port that was tried."""
    secure: bool
    """Whether TLS began with the first byte; false is STARTTLS."""
    mailbox_count: int | None = None
    """How many folders there are; left out where the login failed."""
    unread_count: int | None = None
    """How many unread mails the inbox has; left out where the login failed."""
    error: str | None = None
    """What went wrong; left out where nothing did."""
    cause: str | None = None
    """What usually causes it; left out where the login worked."""
    fix: str | None = None
    """What to do about it; left out where the login worked."""
    may_pass: SkipJsonSchema[bool] = Field(default=False, exclude=True)


class EmailAccountCheck(Noted):
    """Both halves of the guide's Test 5."""

    smtp: SmtpCheck
    """What the SMTP login gave."""
    imap: ImapCheck
    """What the IMAP login gave."""

    @property
    def works(self) -> bool:
        """Whether both logins do."""
        return self.smtp.success and self.imap.success

    @property
    def may_pass(self) -> bool:
        """Whether all that went wrong may be over later; False where a login was refused."""
        return all(half.may_pass for half in (self.smtp, self.imap) if not half.success)
