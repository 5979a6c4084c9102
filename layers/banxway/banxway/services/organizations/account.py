"""Shows and changes the organization of the signed-in user."""

from banxway.models.actors import Actor
from banxway.models.organizations import Organization, OrganizationChange
from banxway.storage import organizations
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Database


class OrganizationAccount:
    """Shows an organization and renames it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, *, actor: Actor) -> Organization:
        """Return the actor's organization."""
        with self._database.as_actor(actor) as transaction:
            return organizations.get(transaction, actor.organization_id)

    def update(
        self, *, actor: Actor, change: OrganizationChange, based_on: str | None = None
    ) -> Organization:
        """Rename the actor's organization. Raises ChangedMeanwhile."""
        with self._database.as_actor(actor) as transaction:
            before = organizations.lock(transaction, actor.organization_id)
            require_version(transaction, based_on, before.version, actions=("organization.update",))
            if change.name is not None:
                organizations.rename(transaction, actor.organization_id, change.name)
            after = organizations.get(transaction, actor.organization_id)
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                action="organization.update",
                succeeded=True,
                details={"before": {"name": before.name}, "after": {"name": after.name}},
            )
        return after
