"""What users may do with integrations (migration 006)."""

from uuid import UUID, uuid4

from banxway.models.integration_permissions import IntegrationPermission, PermissionChange
from banxway.storage.database import Transaction

_SELECT = (
    "SELECT user_id, integration_type, can_view, can_use, daily_limit FROM user_integration_permissions "
)


def list_of_type(transaction: Transaction, integration_type: str) -> list[IntegrationPermission]:
    """Return who may do what with one integration."""
    rows = transaction.all(
        _SELECT + "WHERE integration_type = %s ORDER BY created_at",
        (integration_type,),
    )
    return [IntegrationPermission(**row) for row in rows]


def list_by_user(transaction: Transaction) -> dict[UUID, list[IntegrationPermission]]:
    """Return every user's permissions."""
    found: dict[UUID, list[IntegrationPermission]] = {}
    for row in transaction.all(_SELECT + "ORDER BY integration_type"):
        found.setdefault(row["user_id"], []).append(IntegrationPermission(**row))
    return found


def find(transaction: Transaction, *, user_id: UUID, integration_type: str) -> IntegrationPermission | None:
    """Return a user's permission and hold it until commit, so that two sends cannot share one last message."""
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
    """Return how many messages a user has sent on a channel since midnight UTC, and the seconds until the next."""
    row = transaction.single(
        """SELECT (SELECT count(*) FROM messages
                   WHERE created_by = %s AND channel = %s AND direction = 'outbound'
                     AND created_at >= date_trunc('day', now(), 'UTC')) AS sent,
                  extract(epoch FROM date_trunc('day', now(), 'UTC') + interval '1 day' - now())::float AS left_s""",
        (user_id, channel),
    )
    return row["sent"], row["left_s"]
