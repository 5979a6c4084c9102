"""The audit trail as admins and managers read it."""

import csv
import io

from banxway.models.actors import Actor
from banxway.models.audit import AuditEntry, AuditExport, AuditExportQuery, AuditQuery
from banxway.models.pages import Page
from banxway.storage import audit
from banxway.storage.database import Database, Row

_MOST_ROWS = 50_000
_MOST_CHARACTERS = 24_000_000  # compressed, what Lambda may answer with: 6 MB
_AT_ONCE = 10_000
_COLUMNS = ("sequence", "created_at", "user_id", "integration_type", "action", "status", "details")
# What a spreadsheet takes for a formula (OWASP ASVS 1.2.10, CSV Injection), in wide letters, too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


class AuditTrail:
    """Reads what `storage.audit.append` wrote."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: AuditQuery) -> Page[AuditEntry]:
        """Return entries, the newest first. Raises ValidationFailed for a cursor that is not ours."""
        with self._database.as_actor(actor) as transaction:
            return audit.list_entries(transaction, query, limit=query.limit, cursor=query.cursor)

    def export(self, *, actor: Actor, query: AuditExportQuery) -> AuditExport:
        """Return entries as CSV (RFC 4180, with a header), the newest first, at most 50,000 of them.

        A cell that a spreadsheet would take for a formula begins with an apostrophe. Raises ValidationFailed for
        a cursor that is not ours.
        """
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        cursor, rows = query.cursor, 0
        with self._database.as_actor(actor) as transaction:
            while True:
                page = audit.list_lines(
                    transaction,
                    query,
                    limit=min(_AT_ONCE, _MOST_ROWS - rows),
                    cursor=cursor,
                )
                writer.writerows(map(_cells, page.rows))
                cursor, rows = page.next_cursor, rows + len(page.rows)
                if cursor is None or rows >= _MOST_ROWS or file.tell() >= _MOST_CHARACTERS:
                    return AuditExport(file.getvalue(), cursor)


def _cells(line: Row) -> list[str]:
    return [f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in line.values()]
