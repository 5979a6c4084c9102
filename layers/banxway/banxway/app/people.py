"""The services of the areas team and organizations."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.organizations.account import OrganizationAccount
    from banxway.services.organizations.creation import OrganizationCreation
    from banxway.services.team.delivery import InvitationDelivery
    from banxway.services.team.first_sign_in import FirstSignIn
    from banxway.services.team.invitations import Invitations
    from banxway.services.team.me import OwnAccount
    from banxway.services.team.members import Members


class TeamServices(Part):
    """Services of functions/team/, and the first sign-in of every endpoint."""

    @cached_property
    def members(self) -> "Members":
        from banxway.services.team.members import Members

        return Members(
            self._infrastructure.database,
            realtime=self._app.realtime,
            user_pool=lambda: self._infrastructure.user_pool,
        )

    @cached_property
    def invitations(self) -> "Invitations":
        from banxway.services.team.invitations import Invitations

        return Invitations(self._infrastructure.database, delivery=self.delivery)

    @cached_property
    def delivery(self) -> "InvitationDelivery":
        from banxway.services.team.delivery import InvitationDelivery

        return InvitationDelivery(
            lambda: self._infrastructure.user_pool,
            console_origin=self._infrastructure.settings.console_origin,
        )

    @cached_property
    def first_sign_in(self) -> "FirstSignIn":
        from banxway.services.team.first_sign_in import FirstSignIn

        return FirstSignIn(self._infrastructure.database)

    @cached_property
    def me(self) -> "OwnAccount":
        from banxway.services.team.me import OwnAccount

        return OwnAccount(self._infrastructure.database)


class OrganizationServices(Part):
    """Services of functions/organizations/."""

    @cached_property
    def account(self) -> "OrganizationAccount":
        from banxway.services.organizations.account import OrganizationAccount

        return OrganizationAccount(self._infrastructure.database)

    @cached_property
    def creation(self) -> "OrganizationCreation":
        from banxway.services.organizations.creation import OrganizationCreation

        return OrganizationCreation(
            lambda: self._infrastructure.settings.require("owner_database_url"),
            delivery=self._app.team.delivery,
            new_id=new_id,
        )
