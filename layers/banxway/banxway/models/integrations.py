"""Integrations: what anybody is shown of them, and what an admin may change without new credentials."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.fields import FieldProblem, Label, RequestBody

INTEGRATION_TYPES = ("exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail")
NUMBER_SYNC_TYPES = ("exotel_phone",)
TEST_MESSAGES = {
    "exotel_phone": "Connection test successful",
    "exotel_whatsapp": "WhatsApp connection verified",
    "exotel_sms": "SMS connection verified",
    "zoho_mail": "Mail connection verified",
}


class Integration(BaseModel):
    """An integration as everybody may see it: never a credential.

    `source` is "database" for what an admin has saved, and "environment" for what the deployment's variables
    stand in with; the latter has no row, so no id and no times.
    """

    id: UUID | None
    integration_type: str
    display_name: str | None
    status: str  # Active | Unverified | Inactive: the badge's word
    source: str
    is_active: bool
    is_verified: bool
    last_verified_at: datetime | None
    settings: dict[str, Any]
    phone_number_count: int
    created_at: datetime | None
    updated_at: datetime | None


class IntegrationChange(RequestBody):
    """What may change without new credentials; a name of null is removed.

    `revoke_callback_url` makes the URL in the provider's dashboard worthless; the answer holds the next one.
    """

    display_name: Label | None = Field(default=None, max_length=255)
    is_active: bool | None = None
    revoke_callback_url: Literal[True] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise FieldProblem(
                "display_name", "Nothing to change: give display_name, is_active or revoke_callback_url"
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


class ChangedIntegration(Integration):
    """An integration after a change.

    `callback_url` is what an admin pastes into Exotel's dashboard; it authenticates what Exotel sends. Types
    that no provider calls back about have none.
    """

    callback_url: str | None


class ConfiguredIntegration(ChangedIntegration):
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
