"""The members of an organization."""

from uuid import UUID

from pydantic import BaseModel

from banxway.models.changes import ChangeBody
from banxway.models.integrations.permissions import IntegrationPermission
from banxway.models.words import Role


class AssignedNumber(BaseModel):
    """A phone number that a member calls from."""

    id: UUID
    """The number's id."""
    phone_number: str
    """The number, as its provider spells it."""
    display_name: str | None
    """The team's name for it; null if it has none."""


class TeamMember(BaseModel):
    """One member, with role, phone numbers and permissions for integrations."""

    id: UUID
    """The member's user id."""
    name: str
    """Their name."""
    email: str
    """Their address."""
    role: Role
    """Their role."""
    is_active: bool
    """Whether they may sign in."""
    phone_numbers: list[AssignedNumber]
    """The numbers that they call from."""
    permissions: list[IntegrationPermission]
    """What they may do with each integration."""


class MemberChange(ChangeBody):
    """The change of a member: another role, or whether they may sign in."""

    role: Role | None = None
    """The new role."""
    is_active: bool | None = None
    """Whether they may sign in."""
