"""The results of connection tests, one model per type of integration."""

from typing import Any, Literal

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import SkipJsonSchema

from banxway.models.fields import OmitsNone
from banxway.reasons import Reason

QualityRating = Literal["GREEN", "YELLOW", "RED", "unknown"]
MessagingLimit = Literal["TIER_1", "TIER_2", "TIER_3", "TIER_4", "unknown"]


class WithNotes(BaseModel):
    """Base of answers with `notes`, which are left out of the JSON if there are none."""

    notes: list[str] = []
    """What the user should know about what they typed, a sentence each; left out if there is nothing."""

    @model_serializer(mode="wrap")
    def _leave_out_no_notes(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if name != "notes" or value}


class PhoneAccountCheck(WithNotes):
    """The guide's Test 1: the account answers, may call, and owns the virtual number."""

    account_verified: bool
    """Whether Exotel accepted key and token for this account."""
    voice_enabled: bool
    """Whether the account may make calls."""
    virtual_number_active: bool
    """Whether the account owns the virtual number."""


class WhatsAppAccountCheck(WithNotes):
    """The guide's Test 3. Exotel offers no way to read rating and limit: unknown unless an admin enters them."""

    account_verified: bool
    """Whether Exotel accepted key and token for this account."""
    whatsapp_enabled: bool
    """Whether the account may use WhatsApp."""
    business_number_active: bool | None
    """Whether the business number is active; null if Exotel does not say."""
    quality_rating: QualityRating = "unknown"
    """The quality rating that an admin entered, else unknown."""
    messaging_limit: MessagingLimit = "unknown"
    """The messaging limit that an admin entered, else unknown."""


class SmsAccountCheck(WithNotes):
    """The same as the guide's Tests 1 and 3, for SMS."""

    account_verified: bool
    """Whether Exotel accepted key and token for this account."""
    sms_enabled: bool
    """Whether the account may send SMS."""
    sms_number_active: bool
    """Whether the account owns the SMS number."""


class SmtpCheck(OmitsNone):
    """The SMTP half of the guide's Test 5; `error` is set when `success` is false.

    `reason` and `may_pass` are our own and never shown: what went wrong, as a word, and whether it may be over later,
    as an outage and unlike a wrong password.
    """

    success: bool
    """Whether the login worked."""
    host: str
    """The host that was tried."""
    port: int
    """The port that was tried."""
    secure: bool
    """Whether the connection used TLS from the first byte; false is STARTTLS."""
    error: str | None = None
    """What went wrong; left out if nothing did."""
    cause: str | None = None
    """What usually causes it; left out if the login worked."""
    fix: str | None = None
    """What to do about it; left out if the login worked."""
    field: str | None = None
    """The field to correct first; left out if the login worked."""
    reason: SkipJsonSchema[Reason | None] = Field(default=None, exclude=True)
    may_pass: SkipJsonSchema[bool] = Field(default=False, exclude=True)


class ImapCheck(OmitsNone):
    """The IMAP half of the guide's Test 5; the counts are set when `success` is true.

    `reason` and `may_pass` as above.
    """

    success: bool
    """Whether the login worked."""
    host: str
    """The host that was tried."""
    port: int
    """The port that was tried."""
    secure: bool
    """Whether the connection used TLS from the first byte; false is STARTTLS."""
    mailbox_count: int | None = None
    """How many folders there are; left out if the login failed."""
    unread_count: int | None = None
    """How many unread mails the inbox has; left out if the login failed."""
    error: str | None = None
    """What went wrong; left out if nothing did."""
    cause: str | None = None
    """What usually causes it; left out if the login worked."""
    fix: str | None = None
    """What to do about it; left out if the login worked."""
    field: str | None = None
    """The field to correct first; left out if the login worked."""
    reason: SkipJsonSchema[Reason | None] = Field(default=None, exclude=True)
    may_pass: SkipJsonSchema[bool] = Field(default=False, exclude=True)


class EmailAccountCheck(WithNotes):
    """Both halves of the guide's Test 5."""

    smtp: SmtpCheck
    """The result of the SMTP login."""
    imap: ImapCheck
    """The result of the IMAP login."""

    @property
    def works(self) -> bool:
        """Whether both logins work."""
        return self.smtp.success and self.imap.success

    @property
    def may_pass(self) -> bool:
        """Whether every failure may pass without a change; False if a login was refused."""
        return all(half.may_pass for half in (self.smtp, self.imap) if not half.success)
