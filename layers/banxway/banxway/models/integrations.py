"""Integrations: what an admin types in, and what anybody is shown."""

from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, Field, model_validator

from banxway.e164 import is_e164
from banxway.models.fields import OneLine, RequestBody

INTEGRATION_TYPES = ("exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail")

_Secret = Annotated[OneLine, Field(min_length=1, max_length=500)]
_ProviderNumber = Annotated[str, Field(pattern=r"^\+?[0-9]{6,15}$")]


def _must_be_whatsapp_number(number: str) -> str:
    if not is_e164(number):
        raise ValueError("Invalid WhatsApp number format: use E.164 with country code, such as +919876543210")
    return number


def _must_be_known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is not a known timezone, such as Asia/Kolkata") from error
    return name


class OpeningHours(RequestBody):
    """One weekday: open from `start` to `end`, or closed."""

    start: time | None = None
    end: time | None = None
    closed: bool = False

    @model_validator(mode="after")
    def _is_a_span(self) -> "OpeningHours":
        if self.closed:
            return self
        if self.start is None or self.end is None:
            raise ValueError("needs start and end, or closed")
        if self.start >= self.end:
            raise ValueError("end must be later than start")
        return self


class BusinessHours(RequestBody):
    """When somebody answers; a weekday left out is closed."""

    enabled: bool = True
    timezone: Annotated[str, AfterValidator(_must_be_known_zone)] = "Asia/Kolkata"
    monday: OpeningHours | None = None
    tuesday: OpeningHours | None = None
    wednesday: OpeningHours | None = None
    thursday: OpeningHours | None = None
    friday: OpeningHours | None = None
    saturday: OpeningHours | None = None
    sunday: OpeningHours | None = None


class _ExotelCredentials(RequestBody):
    account_sid: Annotated[OneLine, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.-]+$")]
    api_key: _Secret
    api_token: _Secret
    display_name: OneLine | None = Field(default=None, max_length=255)


class PhoneCredentials(_ExotelCredentials):
    """The guide's Step 2: an Exotel account and the virtual number that calls show."""

    virtual_number: _ProviderNumber
    caller_id: _ProviderNumber | None = None


class WhatsAppCredentials(_ExotelCredentials):
    """The guide's Step 3. `waba_id` (WhatsApp Business Account id) is needed to sync templates."""

    whatsapp_number: Annotated[str, AfterValidator(_must_be_whatsapp_number)]
    business_name: OneLine | None = Field(default=None, max_length=255)
    business_profile: str | None = Field(default=None, max_length=2000)
    waba_id: OneLine | None = Field(default=None, max_length=100)
    auto_reply_enabled: bool = False
    auto_reply_message: str | None = Field(default=None, max_length=4096)
    business_hours: BusinessHours | None = None


CREDENTIALS_BY_TYPE: dict[str, type[PhoneCredentials] | type[WhatsAppCredentials]] = {
    "exotel_phone": PhoneCredentials,
    "exotel_whatsapp": WhatsAppCredentials,
}
NUMBER_SYNC_TYPES = ("exotel_phone",)
TEST_MESSAGES = {
    "exotel_phone": "Connection test successful",
    "exotel_whatsapp": "WhatsApp connection verified",
}
SECRET_FIELDS = ("account_sid", "api_key", "api_token")


class Integration(BaseModel):
    """An integration as everybody may see it: never a credential."""

    id: UUID
    integration_type: str
    display_name: str | None
    status: str  # Active | Unverified | Inactive: the badge's word
    is_active: bool
    is_verified: bool
    last_verified_at: datetime | None
    settings: dict[str, Any]
    phone_number_count: int
    created_at: datetime
    updated_at: datetime


class NumberSync(BaseModel):
    """The guide's Issue 6: what a sync of phone numbers found."""

    synced_numbers: int
    new_numbers: int
    updated_numbers: int


class TemplateSync(BaseModel):
    """What a sync of templates found."""

    synced_templates: int
    new_templates: int
    updated_templates: int
    removed_templates: int


class ConfiguredIntegration(Integration):
    """A saved integration, what its test found, and what was synced with it.

    `callback_url` is what an admin pastes into Exotel's dashboard; it authenticates what Exotel sends.
    """

    check: dict[str, Any]
    sync: NumberSync | None
    callback_url: str
