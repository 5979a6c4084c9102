"""The audit trail: append-only, hash-chained per organization by a trigger (migration 006)."""

from typing import Any, NamedTuple
from uuid import UUID, uuid4

from banxway.models.audit.audit import AuditEntry, AuditFilters
from banxway.models.pages import Cursors, Number, Page, cut_json, fill_page
from banxway.storage.database import Row, Transaction
from banxway.storage.storable_text import to_json

_CURSORS = Cursors("audit", Number)
_LONGEST_DETAILS = 200_000


def append(
    transaction: Transaction,
    *,
    organization_id: UUID,
    action: str,
    succeeded: bool,
    details: dict[str, Any],
    user_id: UUID | None = None,
    integration_id: UUID | None = None,
    integration_type: str | None = None,
) -> None:
    """Append one entry; `details` must be masked already. Locks the organization's chain until the commit."""
    transaction.execute(
        """INSERT INTO integration_audit_logs
               (id, organization_id, user_id, integration_id, integration_type, action, status, details,
                sequence, previous_hash, hash)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, '', '')""",
        (
            uuid4(),
            organization_id,
            user_id,
            integration_id,
            integration_type,
            action,
            "success" if succeeded else "failed",
            to_json(details),
        ),
    )


_ENTRIES = """
    SELECT id, sequence, user_id,
           (SELECT coalesce(nullif(u.name, ''), u.email) FROM users u WHERE u.id = user_id) AS user_name,
           integration_type, action, status, details, created_at, hash
    FROM integration_audit_logs
"""
# All as text: tens of thousands of them go into a file unchanged.
_LINES = """
    SELECT sequence::text AS number,
           to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
           coalesce(user_id::text, '') AS user_id, coalesce(integration_type, '') AS integration_type, action,
           status, details::text
    FROM integration_audit_logs
"""
_MATCHING = """
    WHERE (%(before)s::bigint IS NULL OR sequence < %(before)s)
      AND (%(integration_type)s::text IS NULL OR integration_type = %(integration_type)s)
      AND (%(action)s::text IS NULL OR action = %(action)s)
      AND (%(status)s::text IS NULL OR status = %(status)s)
      AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
      AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
    ORDER BY sequence DESC LIMIT %(limit)s
"""


def list_entries(
    transaction: Transaction, filters: AuditFilters, *, limit: int, cursor: str | None
) -> Page[AuditEntry]:
    """Return entries, the newest first, with long details cut. Raises ValidationFailed for a foreign cursor."""
    rows = transaction.all(_ENTRIES + _MATCHING, _asked(filters, limit, cursor))
    return fill_page(map(_shown, rows), limit=limit, cursor_of=lambda entry: _CURSORS.write(entry.sequence))


class AuditLine(NamedTuple):
    """An entry as people read it in a table: every column a text, none of them None."""

    number: str
    created_at: str
    user_id: str
    integration_type: str
    action: str
    status: str
    details: str


def list_lines(
    transaction: Transaction, filters: AuditFilters, *, limit: int, cursor: str | None
) -> Page[AuditLine]:
    """Return entries for a table that people read, the newest first.

    Raises ValidationFailed for a cursor that is not ours.
    """
    rows = transaction.all_of(AuditLine, _LINES + _MATCHING, _asked(filters, limit, cursor))
    lines = rows[:limit]
    return Page(lines, cursor_after(lines[-1]) if len(rows) > limit else None)


def cursor_after(line: AuditLine) -> str:
    """Return the cursor of the lines after this one."""
    return _CURSORS.write(line.number)


def count_recent(transaction: Transaction, *, action: str, user_id: UUID, within_s: int) -> int:
    """Return how many entries with an action a user has caused within the last `within_s`, failed ones included."""
    row = transaction.single(
        """SELECT count(*) AS entries FROM integration_audit_logs
           WHERE action = %s AND user_id = %s AND created_at > clock_timestamp() - make_interval(secs => %s)""",
        (action, user_id, within_s),
    )
    return int(row["entries"])


def _asked(filters: AuditFilters, limit: int, cursor: str | None) -> dict[str, Any]:
    named = {name: getattr(filters, name) for name in AuditFilters.model_fields}
    # One row more than asked for shows whether there is another page.
    (before,) = _CURSORS.read(cursor) or (None,)
    return {**named, "before": before, "limit": limit + 1}


def _shown(row: Row) -> AuditEntry:
    details = cut_json(row["details"], most_bytes=_LONGEST_DETAILS)
    return AuditEntry(**{**row, "details": details}, is_cut=details != row["details"])
