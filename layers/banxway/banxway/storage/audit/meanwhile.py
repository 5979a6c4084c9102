"""Refuses a change of a setting that somebody else has changed since the form was filled, and names that person."""

from collections.abc import Mapping, Sequence
from typing import Any

from banxway.errors import ChangedMeanwhile
from banxway.storage.database import Transaction
from banxway.storage.storable_text import to_json


def require_version(
    transaction: Transaction,
    based_on: str | None,
    stored: str,
    *,
    actions: Sequence[str],
    about: Mapping[str, Any] | None = None,
    integration_type: str | None = None,
) -> None:
    """Require that a setting still has the version that a change is based on; None allows every version.

    Call it under the lock under which the change is written. `actions` and `about`, a part of the details, find the
    change in the audit trail. Raises ChangedMeanwhile, with who changed it and when, if the trail has it.
    """
    if based_on is None or based_on == stored:
        return
    row = transaction.one(
        """SELECT l.created_at, u.name FROM integration_audit_logs l LEFT JOIN users u ON u.id = l.user_id
           WHERE l.action = ANY(%s) AND l.status = 'success' AND l.details @> %s::jsonb
             AND (%s::text IS NULL OR l.integration_type = %s)
           ORDER BY l.sequence DESC LIMIT 1""",
        (list(actions), to_json(about or {}), integration_type, integration_type),
    )
    name = row["name"] if row else None
    raise ChangedMeanwhile(
        f"{name or 'Somebody else'} has changed this meanwhile: read it again, then decide",
        changed_at=row["created_at"].isoformat() if row else None,
        changed_by=name,
        version=stored,
    )
