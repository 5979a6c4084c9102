"""The audit trail as admins and managers read it."""

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.audit import AuditEntry, AuditQuery
from banxway.models.pages import Page, decode_cursor
from banxway.storage import audit
from banxway.storage.database import Database

_LAST_SEQUENCE = 2**63 - 1  # PostgreSQL's bigint


class AuditTrail:
    """Reads what `storage.audit.append` wrote."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: AuditQuery) -> Page[AuditEntry]:
        """Return entries, the newest first. Raises ValidationFailed for a cursor that is not ours."""
        with self._database.as_actor(actor) as transaction:
            return audit.list_entries(
                transaction,
                limit=query.limit,
                before_sequence=_sequence_of(query.cursor),
                integration_type=query.integration_type,
                action=query.action,
                status=query.status,
            )


def _sequence_of(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        sequence = int(decode_cursor(cursor, parts=1)[0])
    except ValueError as error:
        raise ValidationFailed("cursor is not one of this list's", field="cursor") from error
    if not 0 < sequence <= _LAST_SEQUENCE:
        raise ValidationFailed("cursor is not one of this list's", field="cursor")
    return sequence
