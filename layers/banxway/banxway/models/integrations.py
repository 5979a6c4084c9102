"""Integrations: what anybody is shown of them, and what an admin may change without new credentials."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.changes import ChangeBody, OnlyTrue
from banxway.models.fields import Label
from banxway.models.words import IntegrationType

INTEGRATION_TYPES = ("exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail")
NUMBER_SYNC_TYPES = ("exotel_phone",)
TEST_MESSAGES = {
    "exotel_phone": "Connection test successful",
    "exotel_whatsapp": "WhatsApp connection verified",
    "exotel_sms": "SMS connection verified",
    "zoho_mail": "Mail connection verified",
}

Badge = Literal["Active", "Unverified", "Inactive"]


class Integration(BaseModel):
    """An integration as everybody may see it: never a credential.

    `source` is "database" for what an admin has saved, and "environment" for what the deployment's variables
    stand in with; the latter has no row, so no id and no times.
    """

    id: UUID | None
    """The integration's id; null for one of the deployment's environment."""
    integration_type: IntegrationType
    """What is integrated."""
    display_name: str | None
    """What the team calls it; null where nobody named it."""
    status: Badge
    """The badge's word."""
    source: Literal["database", "environment"]
    """Whether an admin saved it, or the deployment's variables stand in."""
    is_active: bool
    """Whether it is switched on."""
    is_verified: bool
    """Whether the credentials worked when they were last tested."""
    last_verified_at: datetime | None
    """When they last worked; null where they never did."""
    settings: dict[str, Any]
    """What is not secret of what was saved."""
    phone_number_count: int
    """How many phone numbers were synced with it."""
    created_at: datetime | None
    """When it was first saved; null for one of the deployment's environment."""
    updated_at: datetime | None
    """When it was last changed; null for one of the deployment's environment."""


class IntegrationChange(ChangeBody):
    """What may change without new credentials; a name of null is removed.

    `revoke_callback_url` makes the URL in the provider's dashboard worthless; the answer holds the next one.
    """

    may_be_null = frozenset({"display_name"})

    display_name: Label | None = Field(default=None, min_length=1, max_length=255)
    """What the team calls it; null removes the name."""
    is_active: bool | None = None
    """Whether it is switched on."""
    revoke_callback_url: OnlyTrue | None = None
    """True makes the present callback URL worthless; the answer holds the next."""


class NumberSync(BaseModel):
    """The guide's Issue 6: what a sync of phone numbers found."""

    synced_numbers: int
    """How many numbers the provider listed."""
    new_numbers: int
    """How many of them are new here."""
    updated_numbers: int
    """How many of them were changed here."""


class TemplateSync(BaseModel):
    """What a sync of templates found."""

    synced_templates: int
    """How many templates the provider listed."""
    new_templates: int
    """How many of them are new here."""
    updated_templates: int
    """How many of them were changed here."""
    removed_templates: int
    """How many the provider no longer lists."""


class ChangedIntegration(Integration):
    """An integration after a change.

    `callback_url` is what an admin pastes into Exotel's dashboard; it authenticates what Exotel sends. Types
    that no provider calls back about have none.
    """

    callback_url: str | None
    """What is pasted into Exotel's dashboard; null where nobody calls back."""


class ConfiguredIntegration(ChangedIntegration):
    """A saved integration, what its test found, and what was synced with it.

    `check` is null if it was saved by force. `notes` says what was changed of what was typed.
    """

    check: dict[str, Any] | None
    """What the connection test found; null if it was saved by force."""
    sync: NumberSync | None
    """What was synced with it; null where nothing was."""
    notes: list[str]
    """What was changed of what was typed, a sentence each."""

    @property
    def is_new(self) -> bool:
        """Whether there was none of this type before."""
        return self.created_at == self.updated_at


class RevealedCredentials(BaseModel):
    """The credentials of one integration, in the clear; each reading is audited and counted."""

    integration_type: IntegrationType
    """The integration."""
    credentials: dict[str, str]
    """The secrets by their field, in the clear."""
    readings_within_an_hour: int
    """How often they were read in the last hour, this time included."""
