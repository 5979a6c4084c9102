"""Integrations: what anybody is shown of them, and what an admin may change without new credentials."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.changes import ChangeBody, OnlyTrue
from banxway.models.days import Day
from banxway.models.fields import Label, OneLine
from banxway.models.integrations.kinds import KINDS, PHONE
from banxway.models.words import IntegrationType

INTEGRATION_TYPES = tuple(KINDS)
NUMBER_SYNC_TYPES = (PHONE.type,)
TEST_MESSAGES: Mapping[str, str] = {kind.type: kind.tested for kind in KINDS.values()}

Badge = Literal["Active", "Unverified", "Inactive"]


Doubt = Literal["test_failed", "send_refused", "saved_by_force"]
_DOUBTS: dict[Doubt, str] = {
    "test_failed": "Its last test failed",
    "send_refused": "The provider refused a message",
    "saved_by_force": "It was saved although its test failed",
}


UNTESTED_ENVIRONMENT = (
    "It comes from the deployment's environment variables, and no test of those is recorded"
)


def why_unverified(doubt: Doubt | None, reason: str | None) -> str:
    """Return what made a stored integration unverified, in a sentence."""
    return f"{_DOUBTS[doubt]}: {reason}" if doubt else "No test of it has worked yet"


class Integration(BaseModel):
    """An integration as everybody may see it: never a credential.

    `source` is "database" for what an admin has saved, and "environment" for what the deployment's variables
    stand in with; the latter has no row, so no id and no times. `unverified_because` says in a sentence what made
    it unverified. `callback_url` is what an admin pastes into Exotel's dashboard; it authenticates what Exotel
    sends, so others see null, and types that no provider calls back about have none. `inbound_last_proven_at` is when
    something last came in from customers.
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
    unverified_because: str | None
    """What made it unverified, in a sentence; null where it is verified."""
    callback_url: str | None
    """What an admin pastes into Exotel's dashboard; null for others, and where nobody calls back."""
    credentials_changed_at: datetime | None
    """When the credentials were last entered; null for one of the deployment's environment."""
    credentials_expire_on: date | None
    """The day on which the provider ends them; null where nobody entered it."""
    inbound_last_proven_at: datetime | None
    """When something last came in from customers; null before the first."""
    settings: dict[str, Any]
    """What is not secret of what was saved."""
    phone_number_count: int
    """How many phone numbers were synced with it."""
    created_at: datetime | None
    """When it was first saved; null for one of the deployment's environment."""
    updated_at: datetime | None
    """When it was last changed; null for one of the deployment's environment."""


class IntegrationChange(ChangeBody):
    """What may change without new credentials; a name or a day of null is removed.

    `waba_id` is WhatsApp's alone: the WhatsApp Business Account id that templates are listed by.
    `credentials_expire_on` is the day on which the provider ends the credentials: reminders come before it.
    `revoke_callback_url` makes the URL in the provider's dashboard worthless; the answer holds the next one.
    """

    may_be_null = frozenset({"display_name", "credentials_expire_on"})

    display_name: Label | None = Field(default=None, min_length=1, max_length=255)
    """What the team calls it; null removes the name."""
    is_active: bool | None = None
    """Whether it is switched on."""
    credentials_expire_on: Day = None
    """The day on which the provider ends the credentials; null forgets it."""
    waba_id: OneLine | None = Field(default=None, min_length=1, max_length=100)
    """The WhatsApp Business Account id that templates are listed by."""
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


class ConfiguredIntegration(Integration):
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
