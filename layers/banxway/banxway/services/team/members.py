"""Lists an organization's members, and changes their role, access, name and telephone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from banxway.errors import Conflict, NotFound, Unavailable
from banxway.models.actors import Actor
from banxway.models.pages import Page, PageQuery, page_of
from banxway.models.team import MemberChange, TeamMember
from banxway.providers.base import UserPool
from banxway.reasons import Reason
from banxway.services.realtime.sockets import Realtime
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Database, Transaction
from banxway.storage.team import MemberRow

_CHANGES = ("member.update", "member.accept_invitation", "member.confirm_phone_number")
_AUDITED = ("role", "is_active", "name", "phone_number", "phone_number_source")


class Members:
    """Lists members and changes them."""

    def __init__(
        self, database: Database, *, realtime: Realtime, user_pool: Callable[[], UserPool | None]
    ) -> None:
        self._database = database
        self._realtime = realtime
        self._user_pool = user_pool

    def list_page(self, *, actor: Actor, query: PageQuery) -> Page[TeamMember]:
        """Return members and invitations, by name, with numbers and permissions.

        Raises ValidationFailed for a foreign cursor.
        """
        # In the organization's scope: a manager's own scope hides other members' permissions.
        with self._database.organization(actor.organization_id) as transaction:
            members = users.list_members(transaction)
        return page_of(members, query, name="team", id_of=lambda member: member.id)

    def update_member(
        self, *, actor: Actor, user_id: UUID, change: MemberChange, based_on: str | None = None
    ) -> TeamMember:
        """Change a member's role, access, name or telephone; it takes effect at their next request.

        A member who may no longer sign in loses open WebSockets at once, and the sign-in service's sessions. Raises
        NotFound, ChangedMeanwhile, Conflict for the actor's own role or access, for the last active admin, for the
        access of somebody who has not accepted yet and for another member's telephone, and Unavailable if the change
        is saved and the sign-in service did not follow.
        """
        with self._database.as_actor(actor) as transaction:
            # Before the member's own row: every change of members locks the admins first, so that none deadlocks.
            admins = users.lock_active_admins(transaction)
            before = users.find(transaction, user_id)
            if before is None:
                raise NotFound("User not found")
            require_version(
                transaction,
                based_on,
                users.get_member(transaction, user_id).version,
                actions=_CHANGES,
                about={"user_id": str(user_id)},
            )
            after = self._change(transaction, actor, before, change, admins)
            member = users.get_member(transaction, user_id)
        if before.is_active and not after.is_active:
            self._realtime.close_connections_of(organization_id=actor.organization_id, user_id=user_id)
        if change.is_active is not None:
            self._follow(after)
        return member

    def _change(
        self,
        transaction: Transaction,
        actor: Actor,
        before: MemberRow,
        change: MemberChange,
        admins: list[UUID],
    ) -> MemberRow:
        after = _changed(before, change)
        if before.id == actor.user_id and change.model_fields_set & {"role", "is_active"} and len(admins) > 1:
            raise Conflict("You cannot change your own role or access: ask another admin", field="user_id")
        if before.is_invited and change.is_active is not None:
            raise Conflict(
                "This person has not accepted the invitation yet: send it again, or revoke it",
                reason=Reason.INVITATION_OPEN,
                field="is_active",
            )
        if admins == [before.id] and (after.role != "admin" or not after.is_active):
            raise Conflict(
                "This is the last active admin: make another member admin first",
                reason=Reason.LAST_ADMIN,
                field="role" if after.role != "admin" else "is_active",
            )
        if not users.change(transaction, after):
            raise Conflict("Another member has this telephone", field="phone_number")
        audit.append(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            action="member.update",
            succeeded=True,
            details={"user_id": str(before.id), "before": _audited(before), "after": _audited(after)},
        )
        return after

    def _follow(self, member: MemberRow) -> None:
        """Give or end the member's account at the sign-in service; repeating it changes nothing."""
        pool = self._user_pool()
        if pool is None or member.subject is None:
            return
        try:
            (pool.enable if member.is_active else pool.disable)(member.subject)
        except Unavailable as error:
            raise Unavailable(
                "The change is saved, but the sign-in service did not follow: save it again",
                reason=Reason.SIGN_IN_SERVICE_DOWN,
            ) from error


def _changed(before: MemberRow, change: MemberChange) -> MemberRow:
    given: dict[str, Any] = change.model_dump(exclude_unset=True)
    number = given.get("phone_number", before.phone_number)
    if number != before.phone_number:
        given["phone_number_source"] = "admin" if number else None
    return replace(before, **given)


def _audited(member: MemberRow) -> dict[str, Any]:
    return {name: getattr(member, name) for name in _AUDITED}
