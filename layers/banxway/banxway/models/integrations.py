"""Integrations: what anybody is shown of them, and what an admin may change without new credentials."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.days import Day
from banxway.models.fields import FieldProblem, Label, OneLine, RequestBody

INTEGRATION_TYPES = ("exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail")
NUMBER_SYNC_TYPES = ("exotel_phone",)
TEST_MESSAGES = {
    "exotel_phone": "Connection test successful",
    "exotel_whatsapp": "WhatsApp connection verified",
    "exotel_sms": "SMS connection verified",
    "zoho_mail": "Mail connection verified",
}


Doubt = Literal["test_failed", "send_refused", "saved_by_force"]
_DOUBTS: dict[Doubt, str] = {
    "test_failed": "Its last test failed",
    "send_refused": "The provider refused a message",
    "saved_by_force": "It was saved although its test failed",
}


def why_unverified(row: Mapping[str, Any]) -> str | None:
    """Return what made an integration unverified, in a sentence; None for one that is verified."""
    if row["is_verified"]:
        return None
    if row.get("source") == "environment":
        return "It comes from the deployment's environment variables, and no test of those is recorded"
    if row["doubt"] is None:
        return "No test of it has worked yet"
    return f"{_DOUBTS[row['doubt']]}: {row['doubt_reason']}"


class Integration(BaseModel):
    """An integration as everybody may see it: never a credential.

    `source` is "database" for what an admin has saved, and "environment" for what the deployment's variables
    stand in with; the latter has no row, so no id and no times. `unverified_because` says in a sentence what made
    it unverified. `callback_url` is what an admin pastes into Exotel's dashboard; it authenticates what Exotel
    sends, so others see null, and types that no provider calls back about have none. `inbound_last_proven_at` is when
    something last came in from customers.
    """

    id: UUID | None
    integration_type: str
    display_name: str | None
    status: str  # Active | Unverified | Inactive: the badge's word
    source: str
    is_active: bool
    is_verified: bool
    last_verified_at: datetime | None
    unverified_because: str | None
    callback_url: str | None
    credentials_changed_at: datetime | None
    credentials_expire_on: date | None
    inbound_last_proven_at: datetime | None
    settings: dict[str, Any]
    phone_number_count: int
    created_at: datetime | None
    updated_at: datetime | None


class IntegrationChange(RequestBody):
    """What may change without new credentials; a name or a day of null is removed.

    `waba_id` is WhatsApp's alone: the WhatsApp Business Account id that templates are listed by.
    `credentials_expire_on` is the day on which the provider ends the credentials: reminders come before it.
    `revoke_callback_url` makes the URL in the provider's dashboard worthless; the answer holds the next one.
    """

    display_name: Label | None = Field(default=None, max_length=255)
    is_active: bool | None = None
    credentials_expire_on: Day = None
    waba_id: OneLine | None = Field(default=None, min_length=1, max_length=100)
    revoke_callback_url: Literal[True] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise FieldProblem(
                "display_name",
                "Nothing to change: give display_name, is_active, credentials_expire_on, waba_id or "
                "revoke_callback_url",
            )
        if "is_active" in self.model_fields_set and self.is_active is None:
            raise FieldProblem("is_active", "must be true or false")
        return self


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

    `check` is null if it was saved by force. `notes` says what was changed of what was typed.
    """

    check: dict[str, Any] | None
    sync: NumberSync | None
    notes: list[str]

    @property
    def is_new(self) -> bool:
        """Whether there was none of this type before."""
        return self.created_at == self.updated_at


class RevealedCredentials(BaseModel):
    """The credentials of one integration, in the clear; each reading is audited and counted."""

    integration_type: str
    credentials: dict[str, str]
    readings_within_an_hour: int
