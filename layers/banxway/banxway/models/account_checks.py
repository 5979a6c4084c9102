"""What a connection test found, per kind of integration."""

from typing import Any

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import SkipJsonSchema

from banxway.models.fields import Sparse


class Noted(BaseModel):
    """Base of checks; `notes` says what was changed of what was typed, and is left out where nothing was."""

    notes: list[str] = []

    @model_serializer(mode="wrap")
    def _leave_out_no_notes(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if name != "notes" or value}


class PhoneAccountCheck(Noted):
    """The guide's Test 1: the account answers, may call, and owns the virtual number."""

    account_verified: bool
    voice_enabled: bool
    virtual_number_active: bool


class WhatsAppAccountCheck(Noted):
    """The guide's Test 3. Exotel offers no way to read rating or limit, so both say "unknown" unless told."""

    account_verified: bool
    whatsapp_enabled: bool
    business_number_active: bool | None
    quality_rating: str = "unknown"
    messaging_limit: str = "unknown"


class SmsAccountCheck(Noted):
    """What Tests 1 and 3 of the guide say, for SMS."""

    account_verified: bool
    sms_enabled: bool
    sms_number_active: bool


class SmtpCheck(Sparse):
    """The SMTP half of the guide's Test 5; `error` is set when `success` is false.

    `may_pass` is our own: whether what went wrong may be over later, as an outage and unlike a wrong password.
    """

    success: bool
    host: str
    port: int
    secure: bool
    error: str | None = None
    may_pass: SkipJsonSchema[bool] = Field(default=False, exclude=True)


class ImapCheck(Sparse):
    """The IMAP half of the guide's Test 5; the counts are set when `success` is true. `may_pass` as above."""

    success: bool
    host: str
    port: int
    secure: bool
    mailbox_count: int | None = None
    unread_count: int | None = None
    error: str | None = None
    may_pass: SkipJsonSchema[bool] = Field(default=False, exclude=True)


class EmailAccountCheck(Noted):
    """Both halves of the guide's Test 5."""

    smtp: SmtpCheck
    imap: ImapCheck

    @property
    def works(self) -> bool:
        """Whether both logins do."""
        return self.smtp.success and self.imap.success

    @property
    def may_pass(self) -> bool:
        """Whether all that went wrong may be over later; False where a login was refused."""
        return all(half.may_pass for half in (self.smtp, self.imap) if not half.success)
