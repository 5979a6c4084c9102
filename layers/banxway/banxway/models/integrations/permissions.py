"""Which users may see and use an integration, and how often a day."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.fields import RequestBody
from banxway.models.words import IntegrationType


class IntegrationPermission(BaseModel):
    """What one user may do with one integration; admins may do everything without such a row.

    `can_view` false hides the integration and its channel: no thread, message, attachment or live event of it is
    shown to the user, and nothing can be sent on it. `can_use` is about sending alone.
    `daily_limit` counts the messages a user sends on the channel in a day of UTC; null is unlimited.
    """

    user_id: UUID
    """The user."""
    integration_type: IntegrationType
    """The integration."""
    can_view: bool
    """Whether they may see it."""
    can_use: bool
    """Whether they may send with it."""
    daily_limit: int | None
    """How many messages they may send in a day of UTC; null is no limit."""


class PermissionInUse(IntegrationPermission):
    """A permission beside what was made of it in the last 30 days, so that it can be reviewed.

    `most_in_a_day` is to be compared with `daily_limit`. Nothing is sent by phone or SMS: there it is all zero.
    """

    used_in_30_days: int
    """How many messages the user sent with it in the last 30 days."""
    most_in_a_day: int
    """How many of them on the busiest day."""
    last_used_at: datetime | None
    """When the user last sent with it; null where they did not in those 30 days."""


class PermissionChange(RequestBody):
    """What a user shall be allowed from now on; it replaces what was said before.

    `can_view` false hides the channel's messages from the user, `can_use` false only keeps them from sending.
    """

    user_id: UUID
    """The user."""
    can_view: bool = True
    """Whether they may see the integration."""
    can_use: bool
    """Whether they may send with it."""
    daily_limit: int | None = Field(default=None, ge=0, le=1_000_000)
    """How many messages they may send in a day of UTC; null is no limit."""
