"""An organization, and what it takes to create one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from banxway.models.changes import ChangeBody
from banxway.models.fields import Email, Label, RequestBody
from banxway.models.team import Delivery
from banxway.models.values.versions import version_of

OrganizationName = Annotated[Label, Field(min_length=1, max_length=200)]


class Organization(BaseModel):
    """The organization of the signed-in user."""

    id: UUID
    """Its id."""
    name: str
    """Its name."""
    created_at: datetime
    """When it was created."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def version(self) -> str:
        """The version of these settings; send it as If-Match with a change."""
        return version_of(self.name)


class OrganizationChange(ChangeBody):
    """The change of an organization: another name."""

    name: OrganizationName | None = None
    """The new name."""


class OrganizationToCreate(RequestBody):
    """A new organization and its first admin."""

    name: OrganizationName
    """Its name."""
    admin: Email
    """The address with which its first admin will sign in."""


class CreatedOrganization(BaseModel):
    """An organization and the invitation of its first admin."""

    organization_id: UUID
    """Its id."""
    name: str
    """Its name."""
    admin: str
    """The address of its first admin."""
    is_new: bool
    """False if it was there already, and only the invitation was sent again."""
    invitation_expires_at: datetime
    """Until when the admin must have signed in for the first time."""
    delivery: Delivery
    """mail if the sign-in service has mailed the invitation; by_hand if you have to pass the address on."""
    sign_in_url: str | None
    """Where the admin signs in."""
