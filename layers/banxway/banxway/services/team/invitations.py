"""Invites people to an organization; what they are invited as is a user who is not active yet."""

from contextlib import suppress
from uuid import UUID

from banxway.errors import Conflict, NotFound, Unavailable
from banxway.models.actors import Actor
from banxway.models.team import Invitation, MemberToInvite
from banxway.reasons import Reason
from banxway.services.team.delivery import InvitationDelivery
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.team import MemberRow


class Invitations:
    """Invites, sends an invitation again, and revokes it."""

    def __init__(self, database: Database, *, delivery: InvitationDelivery) -> None:
        self._database = database
        self._delivery = delivery

    def invite(self, *, actor: Actor, person: MemberToInvite) -> Invitation:
        """Save an invitation that is open for seven days, then have it mailed.

        Raises Conflict if the address is a member's or is invited, or the telephone is another member's, and
        Unavailable if the invitation is saved and was not mailed.
        """
        with self._database.as_actor(actor) as transaction:
            user_id = users.invite(
                transaction,
                organization_id=actor.organization_id,
                person=person,
                invited_by=actor.user_id,
            )
            if user_id is None:
                raise _taken(users.find_by_email(transaction, person.email))
            _record(transaction, actor, "member.invite", user_id, email=person.email, role=person.role)
        return self._delivered(actor, user_id)

    def resend(self, *, actor: Actor, user_id: UUID) -> Invitation:
        """Open an invitation for another seven days, then have it mailed again.

        Raises NotFound, Conflict for somebody who has accepted, and Unavailable if it was not mailed.
        """
        with self._database.as_actor(actor) as transaction:
            invited = _require_invited(transaction, user_id)
            users.renew_invitation(transaction, user_id, invited_by=actor.user_id)
            _record(transaction, actor, "member.invite_again", user_id, email=invited.email)
        return self._delivered(actor, user_id)

    def revoke(self, *, actor: Actor, user_id: UUID) -> None:
        """Delete an invitation that nobody has accepted. Raises NotFound, and Conflict for a member."""
        with self._database.as_actor(actor) as transaction:
            invited = _require_invited(transaction, user_id)
            users.revoke_invitation(transaction, user_id)
            _record(transaction, actor, "member.revoke_invitation", user_id, email=invited.email)
            others = users.list_invitations(transaction, invited.email)
        if not others:
            # Without an invitation the account opens nothing here, so that a failure costs nobody anything.
            with suppress(Unavailable):
                self._delivery.withdraw(invited.email)

    def _delivered(self, actor: Actor, user_id: UUID) -> Invitation:
        with self._database.organization(actor.organization_id) as transaction:
            member = users.get_member(transaction, user_id)
        delivered = self._delivery.deliver(user_id=user_id, email=member.email, name=member.name)
        return Invitation(member=member, delivery=delivered.delivery, sign_in_url=delivered.sign_in_url)


def _taken(existing: MemberRow | None) -> Conflict:
    if existing is None:
        return Conflict("Another member has this telephone", field="phone_number")
    if existing.is_invited:
        return Conflict(
            "This address is invited already: send the invitation again instead",
            reason=Reason.INVITATION_OPEN,
            field="email",
            user_id=str(existing.id),
        )
    return Conflict(
        "This address is a member's already: activate the member instead"
        if not existing.is_active
        else "This address is a member's already",
        reason=Reason.ALREADY_MEMBER,
        field="email",
        user_id=str(existing.id),
    )


def _require_invited(transaction: Transaction, user_id: UUID) -> MemberRow:
    found = users.find(transaction, user_id)
    if found is None:
        raise NotFound("User not found")
    if not found.is_invited:
        raise Conflict(
            "This person is a member already: deactivate the member instead",
            reason=Reason.ALREADY_MEMBER,
            field="user_id",
        )
    return found


def _record(transaction: Transaction, actor: Actor, action: str, user_id: UUID, **about: str) -> None:
    audit.append(
        transaction,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        action=action,
        succeeded=True,
        details={"user_id": str(user_id), **about},
    )
