"""Lists and exports the audit trail for admins and managers."""

import csv
import io

from banxway.models.actors import Actor
from banxway.models.audit.audit import AuditEntry, AuditExport, AuditExportQuery, AuditQuery
from banxway.models.pages import FilePiece, Page
from banxway.storage.audit import trail as audit
from banxway.storage.audit.trail import AuditLine
from banxway.storage.database import Database

_MOST_ROWS = 50_000
_MOST_CHARACTERS = 24_000_000  # compressed about 6 MB, the most that a Lambda may answer
_AT_ONCE = 10_000
_PIECE = 200_000  # characters
_COLUMNS = ["sequence", "created_at", "user_id", "integration_type", "action", "status", "details"]
# Characters that begin a formula in a spreadsheet (OWASP ASVS 1.2.10, CSV Injection), full-width ones, too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


class AuditTrail:
    """Reads the audit trail."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: AuditQuery) -> Page[AuditEntry]:
        """Return entries, the newest first. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            return audit.list_entries(transaction, query, limit=query.limit, cursor=query.cursor)

    def export(self, *, actor: Actor, query: AuditExportQuery) -> AuditExport:
        """Return entries as CSV (RFC 4180, with a header), the newest first, at most 50,000 of them.

        A cell that a spreadsheet would read as a formula gets an apostrophe in front. Raises ValidationFailed for a
        foreign cursor.
        """
        cursor, rows, written = query.cursor, 0, _Pieces()
        with self._database.as_actor(actor) as transaction:
            while True:
                page = audit.list_lines(
                    transaction, query, limit=min(_AT_ONCE, _MOST_ROWS - rows), cursor=cursor
                )
                for line in page.rows:
                    written.add(line)
                cursor, rows = page.next_cursor, rows + len(page.rows)
                if cursor is None or rows >= _MOST_ROWS or written.characters >= _MOST_CHARACTERS:
                    return AuditExport(written.ended(cursor))


class _Pieces:
    """Builds a CSV file in pieces that end at the end of a line."""

    def __init__(self) -> None:
        self._pieces: list[FilePiece] = []
        self._lines = [_COLUMNS]
        self.characters = 0

    def add(self, line: AuditLine) -> None:
        """Write a line."""
        cells = _cells(line)
        self._lines.append(cells)
        self.characters += sum(map(len, cells))
        if self.characters >= _PIECE * (len(self._pieces) + 1):
            self._end(audit.cursor_after(line))

    def ended(self, next_cursor: str | None) -> list[FilePiece]:
        """Return the whole file; `next_cursor` continues after its last line."""
        if self._lines:
            self._end(next_cursor)
        else:
            self._pieces[-1] = FilePiece(self._pieces[-1].content, next_cursor)
        return self._pieces

    def _end(self, next_cursor: str | None) -> None:
        file = io.StringIO(newline="")
        csv.writer(file).writerows(self._lines)
        self._pieces.append(FilePiece(file.getvalue(), next_cursor))
        self._lines = []


def _cells(line: AuditLine) -> list[str]:
    return [f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in line]
