"""Which messages of a mail server are ours already: one row each, there before anything is parsed."""

from datetime import datetime
from uuid import UUID

from banxway.storage.database import Row, Transaction


def open_folder(
    transaction: Transaction, *, organization_id: UUID, account_id: UUID, folder: str, uid_validity: int
) -> int:
    """Return the last UID that was taken from a folder; 0 for a new one or a new UIDVALIDITY (RFC 3501, 2.3.1.1)."""
    row = transaction.single(
        """INSERT INTO email_folders (organization_id, account_id, name, uid_validity) VALUES (%s, %s, %s, %s)
           ON CONFLICT (account_id, name) DO UPDATE
           SET last_uid = CASE WHEN email_folders.uid_validity = excluded.uid_validity
                               THEN email_folders.last_uid ELSE 0 END,
               uid_validity = excluded.uid_validity
           RETURNING last_uid""",
        (organization_id, account_id, folder, uid_validity),
    )
    return int(row["last_uid"])


def add(
    transaction: Transaction,
    *,
    organization_id: UUID,
    account_id: UUID,
    folder: str,
    uid_validity: int,
    uid: int,
    size_bytes: int,
    raw_blob: str | None,
    internal_date: datetime | None,
) -> None:
    """Note a message whose raw bytes are stored (or, without a blob, that it was too large to fetch)."""
    transaction.execute(
        """INSERT INTO mailbox_messages
               (organization_id, account_id, folder, uid_validity, uid, size_bytes, raw_blob, internal_date)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
        (organization_id, account_id, folder, uid_validity, uid, size_bytes, raw_blob, internal_date),
    )


def advance(transaction: Transaction, *, account_id: UUID, folder: str, last_uid: int) -> None:
    """Note that everything up to a UID is taken; never moves backwards."""
    transaction.execute(
        "UPDATE email_folders SET last_uid = greatest(last_uid, %s) WHERE account_id = %s AND name = %s",
        (last_uid, account_id, folder),
    )


def list_unfiled(transaction: Transaction, *, account_id: UUID, limit: int) -> list[Row]:
    """Return the messages that are stored but in no thread yet, oldest first."""
    return transaction.all(
        """SELECT folder, uid_validity, uid, size_bytes, raw_blob, internal_date, created_at
           FROM mailbox_messages
           WHERE account_id = %s AND message_id IS NULL ORDER BY uid LIMIT %s""",
        (account_id, limit),
    )


def mark_filed(transaction: Transaction, *, account_id: UUID, row: Row, message_id: UUID) -> None:
    """Note which message of which thread a stored mail has become."""
    transaction.execute(
        """UPDATE mailbox_messages SET message_id = %s
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid = %s""",
        (message_id, account_id, row["folder"], row["uid_validity"], row["uid"]),
    )
