"""Notifications for admins: at most one open notification per kind and subject (migration 011)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.models.pages import Cursors, Instant, Page, cut_text, fill_page
from banxway.models.status.notifications import Notification
from banxway.storage.database import Row, Transaction

_CURSORS = Cursors("notifications", Instant, UUID)
_SHOWN = "id, kind, subject, sentence, occurrences, created_at, closed_at"
_LONGEST_SENTENCE = 10_000


def open_one(transaction: Transaction, values: dict[str, Any]) -> bool:
    """Insert an open notification from its column values; False if one of its kind and subject is open already."""
    row = transaction.one(
        """INSERT INTO notifications (id, organization_id, kind, subject, sentence, occurrences)
           VALUES (%(id)s, %(organization_id)s, %(kind)s, %(subject)s, %(sentence)s, %(occurrences)s)
           ON CONFLICT (organization_id, kind, subject) WHERE closed_at IS NULL DO NOTHING RETURNING id""",
        values,
    )
    return row is not None


@dataclass(frozen=True, slots=True)
class OpenNotification:
    """A notification that is open."""

    id: UUID
    occurrences: int
    created_at: datetime


def find_open(transaction: Transaction, kind: str, subject: str) -> OpenNotification | None:
    """Lock the open notification of a kind and subject until the commit, and return it, or None."""
    return transaction.one_of(
        OpenNotification,
        """SELECT id, occurrences, created_at FROM notifications
           WHERE kind = %s AND subject = %s AND closed_at IS NULL FOR NO KEY UPDATE""",
        (kind, subject),
    )


def restate(transaction: Transaction, notification_id: UUID, *, sentence: str, occurrences: int) -> None:
    """Change an open notification's sentence and its number of occurrences."""
    transaction.execute(
        "UPDATE notifications SET sentence = %s, occurrences = %s WHERE id = %s",
        (sentence, occurrences, notification_id),
    )


def close(transaction: Transaction, kind: str, subject: str) -> UUID | None:
    """Close the open notification of a kind and subject; return its organization's id, or None if there is none."""
    row = transaction.one(
        """UPDATE notifications SET closed_at = now()
           WHERE kind = %s AND subject = %s AND closed_at IS NULL RETURNING organization_id""",
        (kind, subject),
    )
    return row["organization_id"] if row else None


def dismiss(transaction: Transaction, notification_id: UUID) -> bool:
    """Close one notification; False if it is closed already or not visible."""
    return bool(
        transaction.execute(
            "UPDATE notifications SET closed_at = now() WHERE id = %s AND closed_at IS NULL",
            (notification_id,),
        )
    )


def find(transaction: Transaction, notification_id: UUID) -> Notification | None:
    """Return a notification, open or closed, or None."""
    row = transaction.one(
        f"SELECT {_SHOWN} FROM notifications WHERE id = %s",  # noqa: S608  # our own column names
        (notification_id,),
    )
    return _shown(row) if row else None


def was_opened_since(transaction: Transaction, kind: str, subject: str, since: datetime) -> bool:
    """Return whether a notification of a kind and subject was opened after an instant, dismissed or not."""
    row = transaction.one(
        "SELECT FROM notifications WHERE kind = %s AND subject = %s AND created_at > %s LIMIT 1",
        (kind, subject, since),
    )
    return row is not None


def open_subjects(transaction: Transaction, kind: str) -> list[str]:
    """Return the subjects of a kind's open notifications."""
    rows = transaction.all(
        "SELECT subject FROM notifications WHERE kind = %s AND closed_at IS NULL ORDER BY subject", (kind,)
    )
    return [row["subject"] for row in rows]


def list_page(
    transaction: Transaction, *, limit: int, cursor: str | None, include_closed: bool
) -> Page[Notification]:
    """Return notifications, the newest first. Raises ValidationFailed for a cursor that is not ours."""
    instant, last_id = _CURSORS.read(cursor) or (None, None)
    rows = transaction.all(
        f"""SELECT {_SHOWN} FROM notifications
            WHERE (%(instant)s::timestamptz IS NULL
                   OR (created_at, id) < (%(instant)s::timestamptz, %(last_id)s::uuid))
              AND (%(include_closed)s OR closed_at IS NULL)
            ORDER BY created_at DESC, id DESC LIMIT %(limit)s""",  # noqa: S608  # our own column names
        {"instant": instant, "last_id": last_id, "include_closed": include_closed, "limit": limit + 1},
    )
    return fill_page(
        map(_shown, rows),
        limit=limit,
        cursor_of=lambda last: _CURSORS.write(last.created_at.isoformat(), last.id),
    )


def _shown(row: Row) -> Notification:
    sentence = cut_text(row["sentence"], most_bytes=_LONGEST_SENTENCE)
    return Notification(**{**row, "sentence": sentence}, is_cut=sentence != row["sentence"])
