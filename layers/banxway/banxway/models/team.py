"""The people of an organization."""

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
    """What the team calls it; null where nobody named it."""


class TeamMember(BaseModel):
    """One member: role, numbers, and what they may do with which integration."""

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
    """What they may do with which integration."""


class MemberChange(ChangeBody):
    """A new role, or whether the member may sign in at all."""

    role: Role | None = None
    """The new role."""
    is_active: bool | None = None
    """Whether they may sign in."""
