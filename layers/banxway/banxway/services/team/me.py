"""Shows the signed-in user, and saves the user's preferences and verified telephone."""

from dataclasses import replace

from banxway.errors import Conflict, NotFound, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.team import Me, OwnNumber, Preferences
from banxway.reasons import Reason
from banxway.security.permissions import permissions_of
from banxway.storage import organizations
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import permissions as integration_permissions
from banxway.storage.team import MemberRow


class OwnAccount:
    """Shows a user's own account, and changes its telephone and preferences."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, *, actor: Actor) -> Me:
        """Return the user, the organization, and what the user may do."""
        with self._database.as_actor(actor) as transaction:
            return _shown(transaction, actor)

    def confirm_phone_number(self, *, actor: Actor, given: OwnNumber, verified: str | None) -> Me:
        """Record the user's telephone as confirmed by its owner.

        Raises ValidationFailed unless it is the one that the session token proves, and Conflict if another member
        has it.
        """
        if given.phone_number != verified:
            raise ValidationFailed(
                "Your session does not prove that this telephone is yours: verify it with the sign-in service, sign "
                "in again, and repeat this",
                field="phone_number",
                reason=Reason.NUMBER_NOT_PROVEN,
            )
        with self._database.as_actor(actor) as transaction:
            before = _own_row(transaction, actor)
            after = replace(before, phone_number=given.phone_number, phone_number_source="owner")
            if not users.change(transaction, after):
                raise Conflict("Another member has this telephone", field="phone_number")
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                action="member.confirm_phone_number",
                succeeded=True,
                details={
                    "user_id": str(actor.user_id),
                    "before": {"phone_number": before.phone_number},
                    "after": {"phone_number": after.phone_number},
                },
            )
            return _shown(transaction, actor)

    def set_preferences(self, *, actor: Actor, preferences: Preferences) -> Preferences:
        """Replace the user's preferences for the console, and return them."""
        with self._database.as_actor(actor) as transaction:
            users.set_preferences(transaction, actor.user_id, preferences)
            return users.get_preferences(transaction, actor.user_id)


def _own_row(transaction: Transaction, actor: Actor) -> MemberRow:
    row = users.find(transaction, actor.user_id)
    if row is None:
        raise NotFound("User not found")
    return row


def _shown(transaction: Transaction, actor: Actor) -> Me:
    row = _own_row(transaction, actor)
    organization = organizations.get(transaction, actor.organization_id)
    granted = integration_permissions.list_by_user(transaction)
    return Me(
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        phone_number=row.phone_number,
        phone_number_source=row.phone_number_source,
        organization_id=organization.id,
        organization_name=organization.name,
        permissions=permissions_of(row.role),
        integrations=[] if row.role == "admin" else granted.get(row.id, []),
        preferences=users.get_preferences(transaction, actor.user_id),
        admins=users.list_admins(transaction),
    )
