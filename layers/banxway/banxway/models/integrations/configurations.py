"""What an admin types in to connect an account, per integration type, and what of it is a secret."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)

from banxway.e164 import is_e164
from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.days import Day
from banxway.models.fields import HostName, Label, Name, OneLine, PlainEmail, PortNumber, RequestBody, Shape

_Secret = Annotated[OneLine, Field(min_length=1, max_length=500)]
_ProviderNumber = Annotated[
    str, Shape(r"\+?[0-9]{6,15}", "must be a phone number of 6 to 15 digits, such as 01141169368")
]
_AccountSid = Annotated[
    str,
    Field(min_length=1, max_length=100),
    Shape(r"[A-Za-z0-9_.-]+", "must have only letters, digits and the signs . _ -"),
]
_EntityId = Annotated[str, Shape(r"[0-9]{1,30}", "must be 1 to 30 digits")]
_IMPLICIT_TLS_PORT = 465


def _must_be_whatsapp_number(number: str) -> str:
    if not is_e164(number):
        raise ValueError("Invalid WhatsApp number format: use E.164 with country code, such as +919876543210")
    return number


class AccountCredentials(RequestBody, ABC):
    """Base of all types. What pasting left around a value is dropped, and `notes` says so."""

    display_name: Label | None = Field(default=None, min_length=1, max_length=255)
    """What the team calls the integration."""
    credentials_expire_on: Day = None
    """The day on which the provider ends these credentials, where it is known: reminders come before it."""
    _notes: list[str] = PrivateAttr(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What was changed of what was typed, a sentence each."""
        return list(self._notes)

    @property
    def is_forced(self) -> bool:
        """Whether it is to be saved even if its test fails."""
        return bool(getattr(self, "force", False))

    def without_effect(self) -> list[str]:
        """Return what is stored and not acted upon, a sentence each."""
        return []

    @abstractmethod
    def secrets(self) -> dict[str, str]:
        """Return what is sealed: all that it takes to use the account."""

    def settings(self) -> dict[str, Any]:
        """Return what everybody may see."""
        hidden = {*SECRET_FIELDS, "display_name", "credentials_expire_on", "force"}
        return self.model_dump(mode="json", exclude=hidden, exclude_none=True)

    @model_validator(mode="wrap")
    @classmethod
    def _note_what_was_trimmed(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        typed = validate(given)
        if isinstance(given, Mapping):
            typed._notes = [
                f"{name}: surrounding spaces were removed"
                for name, value in given.items()
                if isinstance(value, str) and value != value.strip()
            ]
        return typed


class ExotelCredentials(AccountCredentials):
    """An Exotel account; its `region` is fixed by Exotel (reference/exotel.md, 1.1)."""

    account_sid: _AccountSid
    """The Account SID of Exotel's API settings."""
    api_key: _Secret
    """The API key of Exotel's API settings."""
    api_token: _Secret
    """The API token of Exotel's API settings."""
    region: Literal["singapore", "mumbai"] = "singapore"
    """Where Exotel keeps the account."""

    def secrets(self) -> dict[str, str]:
        """Return key and token with the account and the region that they are good for."""
        return {name: getattr(self, name) for name in ("account_sid", "api_key", "api_token", "region")}


class PhoneCredentials(ExotelCredentials):
    """The guide's Step 2: an Exotel account and the virtual number that calls show."""

    virtual_number: _ProviderNumber
    """The account's virtual number, as Exotel's dashboard spells it."""
    caller_id: _ProviderNumber | None = None
    """The number that calls show; left out, the virtual number."""


class WhatsAppCredentials(ExotelCredentials):
    """The guide's Step 3. `waba_id` (WhatsApp Business Account id) is needed to sync templates.

    Exotel offers no way to read quality rating and messaging limit, so they are what an admin read in
    WhatsApp Manager, or unknown.
    """

    whatsapp_number: Annotated[str, AfterValidator(_must_be_whatsapp_number)]
    """The business number in E.164."""
    business_name: Name | None = Field(default=None, max_length=255)
    """The registered name of the business."""
    business_profile: str | None = Field(default=None, max_length=2000)
    """What the business says of itself."""
    waba_id: OneLine | None = Field(default=None, max_length=100)
    """The WhatsApp Business Account id; templates are synced with it."""
    quality_rating: Literal["GREEN", "YELLOW", "RED", "unknown"] = "unknown"
    """What WhatsApp Manager shows as quality rating."""
    messaging_limit: Literal["TIER_1", "TIER_2", "TIER_3", "TIER_4", "unknown"] = "unknown"
    """What WhatsApp Manager shows as messaging limit."""
    auto_reply_enabled: bool = False
    """Whether new conversations are answered with `auto_reply_message`."""
    auto_reply_message: str | None = Field(default=None, max_length=4096)
    """The words of that answer."""
    business_hours: BusinessHours | None = None
    """When somebody answers."""

    def settings(self) -> dict[str, Any]:
        """Return what everybody may see, business hours as they were typed."""
        settings = super().settings()
        if self.business_hours:
            settings["business_hours"] = self.business_hours.as_entered()
        return settings

    def without_effect(self) -> list[str]:
        """Return that automatic replies are stored and not sent."""
        if not (self.auto_reply_enabled or self.auto_reply_message):
            return []
        return [
            "auto_reply_enabled, auto_reply_message: stored, but no automatic reply is sent on WhatsApp yet; "
            "business_hours count in mail rules only"
        ]


class SmsCredentials(ExotelCredentials):
    """An Exotel account and the number that SMS come from; `dlt_entity_id` is India's sender registration."""

    sms_number: _ProviderNumber
    """The number that SMS come from, as Exotel's dashboard spells it."""
    dlt_entity_id: _EntityId | None = None
    """The entity id of India's DLT registration."""


class ZohoMailCredentials(AccountCredentials):
    """The guide's Step 4: a mailbox by its address and app password.

    Zoho's hosts follow from where the account is kept and from whether it is a person's or an organization's
    (reference/mail.md, 9); written-out hosts win. Without `smtp_secure` the port decides.
    """

    email: PlainEmail
    """The mailbox's address."""
    password: _Secret
    """An app password, made in Zoho's security settings."""
    account_name: Name | None = Field(default=None, min_length=1, max_length=255)
    """What the team calls the mailbox."""
    data_center: Literal["com", "in", "eu", "com.au", "jp"] = "com"
    """Where Zoho keeps the account: the end of its web address."""
    account_kind: Literal["personal", "organization"] = "personal"
    """Whether it is a person's or an organization's account."""
    smtp_host: HostName | None = None
    """The server that mail leaves by; left out, Zoho's."""
    smtp_port: PortNumber = 587
    """Its port: 587 with STARTTLS, 465 with TLS from the first byte."""
    smtp_secure: bool | None = None
    """Whether TLS begins with the first byte; left out, the port decides."""
    imap_host: HostName | None = None
    """The server that mail is read from; left out, Zoho's."""
    imap_port: PortNumber = 993
    """Its port: 993 with TLS from the first byte, 143 with STARTTLS."""
    imap_tls: bool = True
    """Whether TLS begins with the first byte; false is STARTTLS."""

    def secrets(self) -> dict[str, str]:
        """Return the app password."""
        return {"password": self.password}

    @model_validator(mode="after")
    def _fill_in_hosts(self) -> Self:
        suffix = "pro" if self.account_kind == "organization" else ""
        self.smtp_host = self.smtp_host or f"smtp{suffix}.zoho.{self.data_center}"
        self.imap_host = self.imap_host or f"imap{suffix}.zoho.{self.data_center}"
        if self.smtp_secure is None:
            self.smtp_secure = self.smtp_port == _IMPLICIT_TLS_PORT
        return self


class _Forcible(RequestBody):
    force: bool = False
    """Whether to save although the test fails; the integration is unverified then."""


class PhoneConfiguration(PhoneCredentials, _Forcible):
    """What is saved of a phone account; `force` saves even what does not work."""


class WhatsAppConfiguration(WhatsAppCredentials, _Forcible):
    """What is saved of a WhatsApp account; `force` saves even what does not work."""


class SmsConfiguration(SmsCredentials, _Forcible):
    """What is saved of an SMS account; `force` saves even what does not work."""


class ZohoMailConfiguration(ZohoMailCredentials, _Forcible):
    """What is saved of a Zoho mailbox; `force` saves even what does not work."""


SECRET_FIELDS = ("account_sid", "api_key", "api_token", "password")
CREDENTIALS_BY_TYPE: dict[str, type[AccountCredentials]] = {
    "exotel_phone": PhoneCredentials,
    "exotel_whatsapp": WhatsAppCredentials,
    "exotel_sms": SmsCredentials,
    "zoho_mail": ZohoMailCredentials,
}
CONFIGURATIONS_BY_TYPE: dict[str, type[AccountCredentials]] = {
    "exotel_phone": PhoneConfiguration,
    "exotel_whatsapp": WhatsAppConfiguration,
    "exotel_sms": SmsConfiguration,
    "zoho_mail": ZohoMailConfiguration,
}
