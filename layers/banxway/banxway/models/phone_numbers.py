"""Phone numbers of an organization."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.fields import FieldProblem, Label, RequestBody
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
    phone_number: str
    display_name: str | None
    number_type: str
    can_call: bool
    can_sms: bool
    is_active: bool
    is_primary: bool
    assigned_to_user_id: UUID | None
    created_at: datetime


class PhoneNumberQuery(PageQuery):
    """Which numbers: the active ones, or also those that are gone at the provider."""

    include_inactive: bool = False


class NumberAssignment(RequestBody):
    """Who calls from a number; null assigns it to nobody."""

    user_id: UUID | None


class NumberChange(RequestBody):
    """Another name for a number, or that it is to be the primary one."""

    display_name: Label | None = Field(default=None, min_length=1, max_length=100)
    is_primary: Literal[True] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> "NumberChange":
        if self.display_name is None and self.is_primary is None:
            raise FieldProblem("display_name", "display_name or is_primary is required")
        return self
