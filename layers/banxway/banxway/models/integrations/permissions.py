"""Which users may see and use an integration, and how many messages a day they may send with it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from banxway.models.fields import RequestBody
from banxway.models.values.versions import version_of
from banxway.models.words import IntegrationType


class IntegrationPermission(BaseModel):
    """One user's permission for one integration; admins may do everything without one.

    `can_view` false hides the integration and its channel: the user sees no thread, message, attachment or change of
    it, and cannot send on it. `can_use` false only keeps the user from sending.
    """

    user_id: UUID
    """The user."""
    integration_type: IntegrationType
    """The integration."""
    can_view: bool
    """Whether the user may see it."""
    can_use: bool
    """Whether the user may send with it."""
    daily_limit: int | None
    """How many messages the user may send on its channel in a day (UTC); null is no limit."""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def version(self) -> str:
        """The version of these settings; send it as If-Match with a change."""
        return version_of(self.can_view, self.can_use, self.daily_limit)


class PermissionInUse(IntegrationPermission):
    """A permission and how it was used in the last 30 days, so that it can be reviewed.

    Nothing is sent by phone or SMS, so the counts are 0 there.
    """

    used_in_30_days: int
    """How many messages the user sent with it in the last 30 days."""
    most_in_a_day: int
    """How many of them the user sent on the busiest day; compare it with `daily_limit`."""
    last_used_at: datetime | None
    """When the user last sent with it; null if not in those 30 days."""


class PermissionChange(RequestBody):
    """A user's new permission for the integration; it replaces the present one.

    `can_view` false hides the channel's messages from the user, `can_use` false only keeps the user from sending.
    """

    user_id: UUID
    """The user."""
    can_view: bool = True
    """Whether the user may see the integration."""
    can_use: bool
    """Whether the user may send with it."""
    daily_limit: int | None = Field(default=None, ge=0, le=1_000_000)
    """How many messages the user may send in a day (UTC); null is no limit."""
