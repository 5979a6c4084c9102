"""Integrations: what users see of them, and what an admin may change without new credentials."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.auto_replies.business_hours import HoursNow
from banxway.models.changes import ChangeBody, OnlyTrue
from banxway.models.fields import Label, OneLine
from banxway.models.integrations.kinds import KINDS, PHONE
from banxway.models.values.days import Day
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
REFUSALS: tuple[Doubt, ...] = ("test_failed", "send_refused")
"""The doubts that need attention: what worked or was tested before fails now."""


UNTESTED_ENVIRONMENT = (
    "It comes from the deployment's environment variables, and no test of those is recorded"
)


def why_unverified(doubt: Doubt | None, reason: str | None) -> str:
    """Return a sentence that says what made a stored integration unverified."""
    return f"{_DOUBTS[doubt]}: {reason}" if doubt else "No test of it has worked yet"


class Integration(BaseModel):
    """An integration as users see it: without credentials.

    One that comes from the deployment's environment variables has no row, so no id and no times. `callback_url`
    authenticates what Exotel sends, so only admins see it.
    """

    id: UUID | None
    """The integration's id; null for one from the deployment's environment variables."""
    integration_type: IntegrationType
    """The type of the integration."""
    display_name: str | None
    """The team's name for it; null if it has none."""
    status: Badge
    """The text of its badge."""
    source: Literal["database", "environment"]
    """`database` if an admin saved it, `environment` if it comes from the deployment's environment variables."""
    is_active: bool
    """Whether it is switched on."""
    is_verified: bool
    """Whether the credentials worked when they were last tested."""
    last_verified_at: datetime | None
    """When they last worked; null if they never did."""
    unverified_because: str | None
    """A sentence that says what made it unverified; null if it is verified."""
    needs_attention: bool
    """Whether the provider refused it when it was last tested or used; false for one that was never tested."""
    callback_url: str | None
    """The URL to paste into Exotel's dashboard; null for other users, and for types without callbacks."""
    credentials_changed_at: datetime | None
    """When the credentials were last entered; null for one from the deployment's environment variables."""
    credentials_expire_on: date | None
    """The day on which they expire at the provider; null if it is not entered."""
    inbound_last_proven_at: datetime | None
    """When something last came in from customers; null before the first."""
    settings: dict[str, Any]
    """The saved fields that are not secret."""
    version: str
    """The version of these settings and credentials; send it as If-Match with a change."""
    phone_number_count: int
    """How many phone numbers were synced with it."""
    hours_now: HoursNow | None = None
    """Whether its business hours are open; null without any, and in the answers to a change."""
    created_at: datetime | None
    """When it was first saved; null for one from the deployment's environment variables."""
    updated_at: datetime | None
    """When it was last changed; null for one from the deployment's environment variables."""


class IntegrationChange(ChangeBody):
    """The change of an integration that needs no new credentials."""

    may_be_null = frozenset({"display_name", "credentials_expire_on"})

    display_name: Label | None = Field(default=None, min_length=1, max_length=255)
    """The team's name for it; null removes the name."""
    is_active: bool | None = None
    """Whether it is switched on."""
    credentials_expire_on: Day = None
    """The day on which the credentials expire at the provider; reminders come before it. Null removes it."""
    waba_id: OneLine | None = Field(default=None, min_length=1, max_length=100)
    """The WhatsApp Business Account id that templates are listed by; only for WhatsApp."""
    revoke_callback_url: OnlyTrue | None = None
    """True revokes the present callback URL; the answer contains the new one."""


class NumberSync(BaseModel):
    """The guide's Issue 6: the result of a sync of phone numbers."""

    synced_numbers: int
    """How many numbers the provider listed."""
    new_numbers: int
    """How many of them are new here."""
    updated_numbers: int
    """How many of them were changed here."""


class TemplateSync(BaseModel):
    """The result of a sync of templates."""

    synced_templates: int
    """How many templates the provider listed."""
    new_templates: int
    """How many of them are new here."""
    updated_templates: int
    """How many of them were changed here."""
    removed_templates: int
    """How many the provider no longer lists."""


class ConfiguredIntegration(Integration):
    """A saved integration, with the results of its test and of its sync."""

    check: dict[str, Any] | None
    """The result of the connection test; null if it was saved by force."""
    sync: NumberSync | None
    """The result of the sync; null if nothing was synced."""
    notes: list[str]
    """What was changed in what was typed, a sentence each."""

    @property
    def is_new(self) -> bool:
        """Whether there was no integration of this type before."""
        return self.created_at == self.updated_at


class RevealedCredentials(BaseModel):
    """The decrypted credentials of one integration; each reading is audited and counted."""

    integration_type: IntegrationType
    """The integration."""
    credentials: dict[str, str]
    """The secrets, decrypted, by field."""
    readings_within_an_hour: int
    """How often they were read in the last hour, this time included."""
