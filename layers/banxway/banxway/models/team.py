"""The members of an organization, and the people who are invited to become one."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from banxway.models.changes import ChangeBody
from banxway.models.fields import E164, Email, Label, RequestBody
from banxway.models.integrations.permissions import IntegrationPermission
from banxway.models.values.versions import version_of
from banxway.models.words import Role

MemberStatus = Literal["invited", "expired", "active", "inactive"]
NumberSource = Literal["admin", "owner"]
Delivery = Literal["mail", "by_hand"]
MemberName = Annotated[Label, Field(min_length=1, max_length=200)]


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
    status: MemberStatus
    """invited until the first sign-in, expired if that did not happen in time; then active, or inactive."""
    invitation_expires_at: datetime | None
    """Until when an open invitation can be accepted; null for everybody who has accepted theirs."""
    phone_number: str | None
    """The telephone on which they are called, in E.164; null if it is not known."""
    phone_number_source: NumberSource | None
    """Who entered that telephone: an admin, or its owner, whose sign-in service has verified it."""
    phone_numbers: list[AssignedNumber]
    """The numbers that they call from."""
    permissions: list[IntegrationPermission]
    """What they may do with each integration."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def version(self) -> str:
        """The version of these settings; send it as If-Match with a change."""
        return version_of(self.name, self.role, self.is_active, self.phone_number)


class MemberToInvite(RequestBody):
    """A person to invite."""

    email: Email
    """The address with which they will sign in."""
    name: MemberName
    """Their name."""
    role: Role
    """Their role."""
    phone_number: E164 | None = None
    """The telephone on which they are called, in E.164."""


class Invitation(BaseModel):
    """An invitation that was just made or sent again."""

    member: TeamMember
    """The person who is invited."""
    delivery: Delivery
    """mail if the sign-in service has mailed it; by_hand if you have to pass the address on."""
    sign_in_url: str | None
    """Where they sign in, with the address that was invited."""


class MemberChange(ChangeBody):
    """The change of a member: another role, name or telephone, or whether they may sign in."""

    may_be_null: ClassVar[frozenset[str]] = frozenset({"phone_number"})

    role: Role | None = None
    """The new role."""
    is_active: bool | None = None
    """Whether they may sign in."""
    name: MemberName | None = None
    """The new name."""
    phone_number: E164 | None = None
    """The telephone on which they are called, in E.164; null removes it."""


class Preferences(RequestBody):
    """A user's preferences for the console; one that is left out has its default."""

    theme: Literal["auto", "light", "dark"] = "auto"
    """The colours; auto follows the browser."""
    density: Literal["comfortable", "compact"] = "comfortable"
    """How much space lists take."""
    single_keys: bool = True
    """Whether single letters are shortcuts outside of text fields."""


class OwnNumber(RequestBody):
    """The telephone of the signed-in user."""

    phone_number: E164
    """The number in E.164, as the sign-in service has verified it."""


class AdminToAsk(BaseModel):
    """An admin of the organization, whom any member may ask."""

    id: UUID
    """The admin's id."""
    name: str
    """The admin's name, or the address of one without a name."""


class Me(BaseModel):
    """The signed-in user."""

    id: UUID
    """The user's id."""
    name: str
    """Their name."""
    email: str
    """Their address."""
    role: Role
    """Their role."""
    phone_number: str | None
    """The telephone on which they are called, in E.164; null if it is not known."""
    phone_number_source: NumberSource | None
    """Who entered that telephone: an admin, or its owner."""
    organization_id: UUID
    """The organization's id."""
    organization_name: str
    """The organization's name."""
    permissions: list[str]
    """What the role permits, by area and verb."""
    integrations: list[IntegrationPermission]
    """What they may do with each integration; empty for an admin, who may do everything."""
    preferences: Preferences
    """How they want the console to look and behave."""
    admins: list[AdminToAsk]
    """Whom to ask for what their role does not permit: the active admins by name, at most ten."""
