"""Phone numbers of an organization."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


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
