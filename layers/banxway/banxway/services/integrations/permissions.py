"""Who may see and use which integration: granted by admins, checked at every send."""

from collections.abc import Mapping

from banxway.errors import NotPermitted, RateLimited, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.channels import CHANNELS
from banxway.models.integrations.permissions import IntegrationPermission, PermissionChange, PermissionInUse
from banxway.models.pages import Page, PageQuery, page_of
from banxway.models.values.versions import ABSENT
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import permissions as integration_permissions

_CHANNEL_OF_TYPE: Mapping[str, str] = {
    channel.integration_type: channel.name for channel in CHANNELS.values()
}


class IntegrationPermissions:
    """Lists and sets the permissions that admins grant to users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_of_type(self, *, actor: Actor, integration_type: str, query: PageQuery) -> Page[PermissionInUse]:
        """Return the permissions of users on one integration, with how they used it.

        Admins are not listed, since they may do everything. Raises ValidationFailed for a foreign cursor.
        """
        with self._database.as_actor(actor) as transaction:
            found = integration_permissions.list_of_type(
                transaction, integration_type, channel=_CHANNEL_OF_TYPE.get(integration_type)
            )
        return page_of(found, query, name=f"permissions {integration_type}", id_of=lambda one: one.user_id)

    def set(
        self, *, actor: Actor, integration_type: str, change: PermissionChange, based_on: str | None = None
    ) -> IntegrationPermission:
        """Replace what a user may do with an integration.

        Raises ValidationFailed for an unknown user, ChangedMeanwhile.
        """
        with self._database.as_actor(actor) as transaction:
            # This locks the user's row: a permission that does not exist yet cannot be locked.
            if users.find(transaction, change.user_id) is None:
                raise ValidationFailed("user_id must be a user of this organization", field="user_id")
            before = integration_permissions.find(
                transaction, user_id=change.user_id, integration_type=integration_type
            )
            _require_version(transaction, based_on, change, integration_type, before)
            integration_permissions.save(
                transaction,
                organization_id=actor.organization_id,
                integration_type=integration_type,
                change=change,
                granted_by=actor.user_id,
            )
            after = IntegrationPermission(**{**change.model_dump(), "integration_type": integration_type})
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                integration_type=integration_type,
                action="permission.set",
                succeeded=True,
                details={
                    "before": before.model_dump(mode="json", exclude={"version"}) if before else None,
                    "after": after.model_dump(mode="json", exclude={"version"}),
                },
            )
            return after


def _require_version(
    transaction: Transaction,
    based_on: str | None,
    change: PermissionChange,
    integration_type: str,
    before: IntegrationPermission | None,
) -> None:
    require_version(
        transaction,
        based_on,
        before.version if before else ABSENT,
        actions=("permission.set",),
        about={"after": {"user_id": str(change.user_id)}},
        integration_type=integration_type,
    )


def require_use(transaction: Transaction, *, actor: Actor, channel: str) -> None:
    """Require that the actor may send on a channel. Raises NotPermitted, or RateLimited over the daily limit.

    The permission's row is locked until the commit, so that concurrent sends cannot both take the day's last message.
    """
    if actor.role == "admin":
        return
    integration_type = CHANNELS[channel].integration_type
    granted = integration_permissions.find(
        transaction, user_id=actor.user_id, integration_type=integration_type
    )
    if granted is None or not (granted.can_use and granted.can_view):
        raise NotPermitted(
            f"You may not use {integration_type}: ask an admin for permission", permission=integration_type
        )
    if granted.daily_limit is None:
        return
    sent, left_s = integration_permissions.sent_today(transaction, user_id=actor.user_id, channel=channel)
    if sent >= granted.daily_limit:
        raise RateLimited(
            f"You have reached your limit on {channel} for today: {granted.daily_limit} a day (UTC)",
            limit=granted.daily_limit,
            retry_after_s=round(left_s) + 1,
        )
