"""The people of an organization."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, model_validator

from banxway.models.fields import FieldProblem, RequestBody
from banxway.models.integration_permissions import IntegrationPermission


class AssignedNumber(BaseModel):
    """A phone number that a member calls from."""

    id: UUID
    phone_number: str
    display_name: str | None


class TeamMember(BaseModel):
    """One member: role, numbers, and what they may do with which integration."""

    id: UUID
    name: str
    email: str
    role: str
    is_active: bool
    phone_numbers: list[AssignedNumber]
    permissions: list[IntegrationPermission]


class MemberChange(RequestBody):
    """A new role, or whether the member may sign in at all."""

    role: Literal["admin", "manager", "agent"] | None = None
    is_active: bool | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> "MemberChange":
        if self.role is None and self.is_active is None:
            raise FieldProblem("role", "role or is_active is required")
        return self
