"""How far an organization's changes have been pushed, and which worker pushes them (migration 033).

A batch is everything that is unpushed when it begins. Its frames carry one number, `latest`, and it serves the
organization's connections in the order of their ids. One notifier at a time has the lease of the organization.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch under way: the number that its frames carry, and the last connection that was served ("" if none)."""

    latest: int
    pushed_through: str


@dataclass(frozen=True, slots=True)
class Listener:
    """An open connection, and how many pushes to it failed in a row."""

    connection_id: str
    failed_pushes: int


def begin(
    transaction: Transaction, *, organization_id: UUID, notifier_id: UUID, lease_s: float
) -> Batch | None:
    """Take or renew the lease, and return the batch to go on with: the one under way, or a new one.

    Returns None if there is nothing to push, or if another notifier has the lease. The lease lasts from the
    beginning of the transaction, by the database's clock.
    """
    return transaction.one_of(
        Batch,
        """UPDATE change_sequences
           SET notifier_id = %(notifier)s, notifier_until = now() + make_interval(secs => %(lease)s),
               pushed_through = CASE WHEN pushing > pushed THEN pushed_through ELSE '' END,
               pushing = CASE WHEN pushing > pushed THEN pushing ELSE current END
           WHERE organization_id = %(organization)s AND current > pushed
             AND (notifier_id IS NULL OR notifier_id = %(notifier)s OR notifier_until <= now())
           RETURNING pushing AS latest, pushed_through""",
        {"notifier": notifier_id, "lease": lease_s, "organization": organization_id},
    )


def list_listeners(
    transaction: Transaction, *, organization_id: UUID, after: str, limit: int
) -> list[Listener]:
    """Return open connections of users who may still sign in, in the order of their ids, after one id."""
    return transaction.all_of(
        Listener,
        """SELECT c.connection_id, c.failed_pushes
           FROM realtime_connections c
           JOIN users u ON u.organization_id = c.organization_id AND u.id = c.user_id
           WHERE c.organization_id = %s AND c.connection_id > %s AND c.expires_at > now() AND u.is_active
           ORDER BY c.connection_id LIMIT %s""",
        (organization_id, after, limit),
    )


def advance(
    transaction: Transaction,
    *,
    organization_id: UUID,
    notifier_id: UUID,
    pushed_through: str | None,
    goes_on: bool,
) -> bool | None:
    """Record how far the batch has come, and return whether anything is left to push; None if the lease was lost.

    `pushed_through` is the last connection that was served, None if the batch has reached them all. The lease ends,
    unless something is left and the notifier goes on. Both are one step with numbering a change: either this sees
    the change, or the notifier that comes for it finds the lease free.
    """
    row = transaction.one(
        """UPDATE change_sequences
           SET pushed = CASE WHEN %(is_complete)s THEN pushing ELSE pushed END,
               pushed_through = %(through)s,
               notifier_id = CASE WHEN %(goes_on)s AND (NOT %(is_complete)s OR current > pushing)
                                  THEN notifier_id END
           WHERE organization_id = %(organization)s AND notifier_id = %(notifier)s
           RETURNING current > pushed AS is_left""",
        {
            "is_complete": pushed_through is None,
            "through": pushed_through or "",
            "goes_on": goes_on,
            "organization": organization_id,
            "notifier": notifier_id,
        },
    )
    return row["is_left"] if row else None


def count_failures(
    transaction: Transaction, *, organization_id: UUID, failed: Sequence[str], recovered: Sequence[str]
) -> None:
    """Count one more failed push for some connections, and none for those that can be reached again."""
    transaction.execute(
        """UPDATE realtime_connections
           SET failed_pushes = CASE WHEN connection_id = ANY(%(failed)s) THEN failed_pushes + 1 ELSE 0 END
           WHERE organization_id = %(organization)s
             AND (connection_id = ANY(%(failed)s) OR connection_id = ANY(%(recovered)s))""",
        {"failed": list(failed), "recovered": list(recovered), "organization": organization_id},
    )
