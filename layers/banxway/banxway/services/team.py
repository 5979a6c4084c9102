"""Lists an organization's members, and changes their role and access."""

from dataclasses import replace
from uuid import UUID

from banxway.errors import Conflict, NotFound
from banxway.models.actors import Actor
from banxway.models.pages import Page, PageQuery, page_of
from banxway.models.team import MemberChange, TeamMember
from banxway.services.realtime.sockets import Realtime
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.team import MemberRow


class Team:
    """Lists members and changes them."""

    def __init__(self, database: Database, *, realtime: Realtime) -> None:
        self._database = database
        self._realtime = realtime

    def list_page(self, *, actor: Actor, query: PageQuery) -> Page[TeamMember]:
        """Return members with numbers and permissions. Raises ValidationFailed for a foreign cursor."""
        # In the organization's scope: a manager's own scope hides other members' permissions.
        with self._database.organization(actor.organization_id) as transaction:
            members = users.list_members(transaction)
        return page_of(members, query, name="team", id_of=lambda member: member.id)

    def update_member(self, *, actor: Actor, user_id: UUID, change: MemberChange) -> TeamMember:
        """Change a member's role, or whether they may sign in; it takes effect at their next request.

        A member who may no longer sign in loses open WebSockets at once. Raises NotFound, and Conflict for the
        actor's own row and for the last active admin.
        """
        if user_id == actor.user_id:
            raise Conflict("You cannot change your own role or access: ask another admin", field="user_id")
        with self._database.as_actor(actor) as transaction:
            # Before the member's own row: every change of members locks the admins first, so that none deadlocks.
            admins = users.lock_active_admins(transaction)
            before = users.find(transaction, user_id)
            if before is None:
                raise NotFound("User not found")
            after = self._change(transaction, actor, before, change, admins)
            member = next(member for member in users.list_members(transaction) if member.id == user_id)
        if not after.is_active:
            self._realtime.close_connections_of(organization_id=actor.organization_id, user_id=user_id)
        return member

    def _change(
        self,
        transaction: Transaction,
        actor: Actor,
        before: MemberRow,
        change: MemberChange,
        admins: list[UUID],
    ) -> MemberRow:
        after = replace(before, **change.model_dump(exclude_none=True))
        if admins == [before.id] and (after.role != "admin" or not after.is_active):
            raise Conflict("This is the last active admin: make another member admin first", field="role")
        users.change(transaction, user_id=before.id, role=after.role, is_active=after.is_active)
        audit.append(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            action="member.update",
            succeeded=True,
            details={
                "user_id": str(before.id),
                "before": {"role": before.role, "is_active": before.is_active},
                "after": {"role": after.role, "is_active": after.is_active},
            },
        )
        return after
