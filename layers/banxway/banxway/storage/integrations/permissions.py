"""What users may do with integrations (migration 006)."""

from uuid import UUID, uuid4

from banxway.models.integrations.permissions import IntegrationPermission, PermissionChange, PermissionInUse
from banxway.storage.database import Transaction

_SELECT = (
    "SELECT user_id, integration_type, can_view, can_use, daily_limit FROM user_integration_permissions "
)


def list_of_type(
    transaction: Transaction, integration_type: str, *, channel: str | None
) -> list[PermissionInUse]:
    """Return every user's permission for one integration, and how much each sent on `channel` within 30 days."""
    rows = transaction.all(
        """SELECT p.user_id, p.integration_type, p.can_view, p.can_use, p.daily_limit, used.last_used_at,
                  coalesce(used.total, 0)::int AS used_in_30_days, coalesce(used.most, 0)::int AS most_in_a_day
           FROM user_integration_permissions p
           LEFT JOIN LATERAL (
               SELECT sum(sent) AS total, max(sent) AS most, max(latest) AS last_used_at FROM (
                   SELECT count(*) AS sent, max(m.created_at) AS latest FROM messages m
                   WHERE m.organization_id = p.organization_id AND m.created_by = p.user_id AND m.channel = %s
                     AND m.direction = 'outbound' AND m.created_at > now() - interval '30 days'
                   GROUP BY date_trunc('day', m.created_at, 'UTC')) AS days) AS used ON true
           WHERE p.integration_type = %s ORDER BY p.created_at""",
        (channel, integration_type),
    )
    return [PermissionInUse(**row) for row in rows]


def list_by_user(transaction: Transaction) -> dict[UUID, list[IntegrationPermission]]:
    """Return the permissions of all users, by user."""
    found: dict[UUID, list[IntegrationPermission]] = {}
    for row in transaction.all(_SELECT + "ORDER BY integration_type"):
        found.setdefault(row["user_id"], []).append(IntegrationPermission(**row))
    return found


def find(transaction: Transaction, *, user_id: UUID, integration_type: str) -> IntegrationPermission | None:
    """Lock a user's permission until the commit and return it, or None: two sends cannot share one last message."""
    row = transaction.one(
        _SELECT + "WHERE user_id = %s AND integration_type = %s FOR NO KEY UPDATE",
        (user_id, integration_type),
    )
    return IntegrationPermission(**row) if row else None


def save(
    transaction: Transaction,
    *,
    organization_id: UUID,
    integration_type: str,
    change: PermissionChange,
    granted_by: UUID,
) -> None:
    """Replace what a user may do with an integration."""
    transaction.execute(
        """INSERT INTO user_integration_permissions
               (id, organization_id, user_id, integration_type, can_view, can_use, daily_limit, granted_by)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (organization_id, user_id, integration_type) DO UPDATE
           SET can_view = excluded.can_view, can_use = excluded.can_use, daily_limit = excluded.daily_limit,
               granted_by = excluded.granted_by, updated_at = now()""",
        (
            uuid4(),
            organization_id,
            change.user_id,
            integration_type,
            change.can_view,
            change.can_use,
            change.daily_limit,
            granted_by,
        ),
    )


def sent_today(transaction: Transaction, *, user_id: UUID, channel: str) -> tuple[int, float]:
    """Return how many messages a user sent on a channel since midnight UTC, and the seconds until the next."""
    row = transaction.single(
        """SELECT (SELECT count(*) FROM messages
                   WHERE created_by = %s AND channel = %s AND direction = 'outbound'
                     AND created_at >= date_trunc('day', now(), 'UTC')) AS sent,
                  extract(epoch FROM date_trunc('day', now(), 'UTC') + interval '1 day' - now())::float AS left_s""",
        (user_id, channel),
    )
    return row["sent"], row["left_s"]
