"""What an admin types in to connect an account, per integration type, and which of these fields are secret."""

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
from banxway.errors import ValidationFailed
from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.fields import HostName, Label, Name, OneLine, PlainEmail, PortNumber, RequestBody, Shape
from banxway.models.values.days import Day

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
_KEPT = ("account_sid", "api_key", "api_token")


def _must_be_whatsapp_number(number: str) -> str:
    if not is_e164(number):
        raise ValueError("Invalid WhatsApp number format: use E.164 with country code, such as +919876543210")
    return number


class AccountCredentials(RequestBody, ABC):
    """Base of all types. Spaces around a value, as pasting leaves them, are removed, and `notes` says so."""

    display_name: Label | None = Field(default=None, min_length=1, max_length=255)
    """The team's name for the integration."""
    credentials_expire_on: Day = None
    """The day on which the credentials expire at the provider, if it is known; reminders come before it."""
    _notes: list[str] = PrivateAttr(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What was changed in what was typed, a sentence each."""
        return list(self._notes)

    @property
    def is_forced(self) -> bool:
        """Whether to save it even if its test fails."""
        return bool(getattr(self, "force", False))

    def without_effect(self) -> list[str]:
        """Return which settings are stored but have no effect, a sentence each."""
        return []

    def completed(self, stored: Mapping[str, str] | None) -> Self:
        """Return the same with stored secrets in the place of those that were left out.

        Raises ValidationFailed for the first that is neither typed nor stored.
        """
        del stored
        return self

    @property
    def keeps_stored(self) -> bool:
        """Whether a secret was left out, so that the stored one stays."""
        return False

    @abstractmethod
    def secrets(self) -> dict[str, str]:
        """Return the fields that are sealed: everything that it takes to use the account."""

    def settings(self) -> dict[str, Any]:
        """Return the fields that users may see."""
        hidden = {*SECRET_FIELDS, "display_name", "credentials_expire_on", "force"}
        return self.model_dump(mode="json", exclude=hidden, exclude_none=True)

    @model_validator(mode="wrap")
    @classmethod
    def _add_notes_of_trimming(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        typed = validate(given)
        if isinstance(given, Mapping):
            typed._notes = [
                f"{name}: surrounding spaces were removed"
                for name, value in given.items()
                if isinstance(value, str) and value != value.strip()
            ]
        return typed


class ExotelCredentials(AccountCredentials):
    """An Exotel account; its `region` is fixed by Exotel (reference/exotel.md, 1.1).

    SID, key and token may be left out once they are stored. They go to Exotel only, so nobody who cannot read them
    learns them by that.
    """

    account_sid: _AccountSid | None = None
    """The Account SID in Exotel's API settings; left out, the stored one stays. Required the first time."""
    api_key: _Secret | None = None
    """The API key in Exotel's API settings; left out, the stored one stays. Required the first time."""
    api_token: _Secret | None = None
    """The API token in Exotel's API settings; left out, the stored one stays. Required the first time."""
    region: Literal["singapore", "mumbai"] = "singapore"
    """The Exotel region that has the account."""

    def secrets(self) -> dict[str, str]:
        """Return key and token, with the account and the region that they belong to."""
        return {name: getattr(self, name) for name in (*_KEPT, "region")}

    @property
    def keeps_stored(self) -> bool:
        """Whether a secret was left out, so that the stored one stays."""
        return any(getattr(self, name) is None for name in _KEPT)

    def completed(self, stored: Mapping[str, str] | None) -> Self:
        """Return the same with stored secrets in the place of those that were left out."""
        kept = {name: (stored or {}).get(name) for name in _KEPT if getattr(self, name) is None}
        for name, value in kept.items():
            if value is None:
                raise ValidationFailed(f"{name} is required", field=name)
        return self.model_copy(update=kept)


class PhoneCredentials(ExotelCredentials):
    """The guide's Step 2: an Exotel account and the virtual number that calls show."""

    virtual_number: _ProviderNumber
    """The account's virtual number, as Exotel's dashboard spells it."""
    caller_id: _ProviderNumber | None = None
    """The number that calls show; if left out, the virtual number."""


class WhatsAppCredentials(ExotelCredentials):
    """The guide's Step 3. `waba_id` (WhatsApp Business Account id) is needed to sync templates.

    Exotel offers no way to read quality rating and messaging limit, so an admin copies them from WhatsApp Manager.
    """

    whatsapp_number: Annotated[str, AfterValidator(_must_be_whatsapp_number)]
    """The business number in E.164."""
    business_name: Name | None = Field(default=None, max_length=255)
    """The registered name of the business."""
    business_profile: str | None = Field(default=None, max_length=2000)
    """The business's description of itself."""
    waba_id: OneLine | None = Field(default=None, max_length=100)
    """The WhatsApp Business Account id; templates are synced with it."""
    quality_rating: Literal["GREEN", "YELLOW", "RED", "unknown"] = "unknown"
    """The quality rating that WhatsApp Manager shows."""
    messaging_limit: Literal["TIER_1", "TIER_2", "TIER_3", "TIER_4", "unknown"] = "unknown"
    """The messaging limit that WhatsApp Manager shows."""
    auto_reply_enabled: bool = False
    """Whether new conversations are answered with `auto_reply_message`."""
    auto_reply_message: str | None = Field(default=None, max_length=4096)
    """The text of that answer."""
    away_message: str | None = Field(default=None, max_length=4096)
    """The text of that answer outside the business hours."""
    business_hours: BusinessHours | None = None
    """The business hours."""

    def settings(self) -> dict[str, Any]:
        """Return the fields that users may see, with the business hours as they were typed."""
        settings = super().settings()
        if self.business_hours:
            settings["business_hours"] = self.business_hours.as_entered()
        return settings

    def without_effect(self) -> list[str]:
        """Return a sentence if automatic replies are set: they are stored but not sent."""
        if not (self.auto_reply_enabled or self.auto_reply_message or self.away_message):
            return []
        names = ["auto_reply_enabled", "auto_reply_message", *(["away_message"] if self.away_message else [])]
        return [
            f"{', '.join(names)}: stored, but no automatic reply is sent on WhatsApp yet; "
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

    Zoho's hosts follow from the data centre and from whether it is a person's or an organization's account
    (reference/mail.md, 9), unless hosts are given.
    """

    email: PlainEmail
    """The mailbox's address."""
    password: _Secret
    """An app password, made in Zoho's security settings."""
    account_name: Name | None = Field(default=None, min_length=1, max_length=255)
    """The team's name for the mailbox."""
    data_center: Literal["com", "in", "eu", "com.au", "jp"] = "com"
    """Zoho's data centre that has the account: the end of Zoho's web address."""
    account_kind: Literal["personal", "organization"] = "personal"
    """Whether it is a person's or an organization's account."""
    smtp_host: HostName | None = None
    """The server that sends its mail; if left out, Zoho's."""
    smtp_port: PortNumber = 587
    """Its port: 587 with STARTTLS, 465 with TLS from the first byte."""
    smtp_secure: bool | None = None
    """Whether the connection uses TLS from the first byte; if left out, the port decides."""
    imap_host: HostName | None = None
    """The server that its mail is read from; if left out, Zoho's."""
    imap_port: PortNumber = 993
    """Its port: 993 with TLS from the first byte, 143 with STARTTLS."""
    imap_tls: bool = True
    """Whether the connection uses TLS from the first byte; false is STARTTLS."""

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
    """Whether to save it even if the test fails; the integration is then unverified."""


class PhoneConfiguration(PhoneCredentials, _Forcible):
    """A phone account to save; `force` saves it even if its test fails."""


class WhatsAppConfiguration(WhatsAppCredentials, _Forcible):
    """A WhatsApp account to save; `force` saves it even if its test fails."""


class SmsConfiguration(SmsCredentials, _Forcible):
    """An SMS account to save; `force` saves it even if its test fails."""


class ZohoMailConfiguration(ZohoMailCredentials, _Forcible):
    """A Zoho mailbox to save; `force` saves it even if its test fails."""


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
