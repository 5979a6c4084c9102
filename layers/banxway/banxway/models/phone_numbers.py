"""Phone numbers of an organization."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from banxway.models.changes import ChangeBody, OnlyTrue
from banxway.models.fields import Label, RequestBody
from banxway.models.pages import PageQuery
from banxway.models.values.versions import version_of


@dataclass(frozen=True, slots=True)
class ProviderNumber:
    """A number as its provider lists it: the provider's spelling, and E.164 if that can be derived."""

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
    """The team's name for it; null if it has none."""
    number_type: Literal["virtual", "toll-free", "local"]
    """What kind of number it is."""
    can_call: bool
    """Whether calls can be made from it."""
    can_sms: bool
    """Whether SMS can be sent from it."""
    is_active: bool
    """Whether the provider still lists it."""
    is_primary: bool
    """Whether calls are made from it if no number is named."""
    assigned_to_user_id: UUID | None
    """The user who calls from it; null is nobody."""
    assigned_to_user_name: str | None
    """That user's name; null is nobody."""
    created_at: datetime
    """When it was first synced."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def version(self) -> str:
        """The version of these settings; send it as If-Match with a change."""
        return version_of(self.display_name, self.is_active, self.is_primary, self.assigned_to_user_id)


class PhoneNumberQuery(PageQuery):
    """Which numbers: the active ones, or also those that are gone at the provider."""

    include_inactive: bool = False
    """Whether numbers that are gone at the provider are included."""


class NumberAssignment(RequestBody):
    """The user who calls from a number; null assigns it to nobody."""

    user_id: UUID | None
    """The user who calls from the number; null is nobody."""


class NumberChange(ChangeBody):
    """The change of a number: another name, or making it the primary number."""

    display_name: Label | None = Field(default=None, min_length=1, max_length=100)
    """The team's name for it."""
    is_primary: OnlyTrue | None = None
    """True makes it the number that calls are made from if no number is named."""
