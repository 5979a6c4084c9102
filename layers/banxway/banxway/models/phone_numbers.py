"""Phone numbers of an organization."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.changes import ChangeBody, OnlyTrue
from banxway.models.fields import Label, RequestBody
from banxway.models.pages import PageQuery


@dataclass(frozen=True, slots=True)
class ProviderNumber:
    """A number as its provider lists it: the provider's spelling, and E.164 where it can be derived."""

    provider_sid: str
    phone_number: str
    e164: str | None
    display_name: str
    number_type: str  # virtual | toll-free | local
    can_call: bool
    can_sms: bool


class PhoneNumber(BaseModel):
    """One row of GET /settings/phone-numbers, as in the guide's Test 8."""

    id: UUID
    """The number's id."""
    phone_number: str
    """The number, as its provider spells it."""
    display_name: str | None
    """What the team calls it; null where nobody named it."""
    number_type: Literal["virtual", "toll-free", "local"]
    """What kind of number it is."""
    can_call: bool
    """Whether calls can be made from it."""
    can_sms: bool
    """Whether SMS can be sent from it."""
    is_active: bool
    """Whether the provider still lists it."""
    is_primary: bool
    """Whether calls come from it where nothing else is said."""
    assigned_to_user_id: UUID | None
    """Who calls from it; null is nobody."""
    created_at: datetime
    """When it was first synced."""


class PhoneNumberQuery(PageQuery):
    """Which numbers: the active ones, or also those that are gone at the provider."""

    include_inactive: bool = False
    """Whether numbers that are gone at the provider are listed, too."""


class NumberAssignment(RequestBody):
    """Who calls from a number; null assigns it to nobody."""

    user_id: UUID | None
    """Who calls from the number; null is nobody."""


class NumberChange(ChangeBody):
    """Another name for a number, or that it is to be the primary one."""

    display_name: Label | None = Field(default=None, min_length=1, max_length=100)
    """What the team calls it."""
    is_primary: OnlyTrue | None = None
    """True makes it the number that calls come from where nothing else is said."""
