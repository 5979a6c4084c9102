"""Which messages of a mail server are stored: one row each, inserted before anything is parsed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.models.mail import MailFlags
from banxway.storage.database import Transaction

_FILED_BY = """m.organization_id, m.account_id, m.folder, m.uid_validity, m.uid, m.size_bytes, m.raw_blob,
               m.header_blob, m.internal_date, m.is_seen, m.created_at, m.announced_bytes"""


@dataclass(frozen=True, slots=True)
class TakenMail:
    """A message of the server whose bytes are in the blob store.

    If `raw_blob` is None, it was not fetched; then `header_blob` is its header, or None if that could not be read.
    `announced_bytes` is the announced size if the server delivered fewer bytes, else None.
    """

    uid: int
    size_bytes: int
    raw_blob: str | None
    header_blob: str | None
    internal_date: datetime | None
    flags: tuple[str, ...]
    announced_bytes: int | None = None

    @property
    def is_seen(self) -> bool:
        """Whether it is marked as read on the server."""
        return MailFlags(self.uid, self.flags).is_seen


@dataclass(frozen=True, slots=True)
class FolderKey:
    """A folder of a mailbox with one UIDVALIDITY: what a UID belongs to."""

    organization_id: UUID
    account_id: UUID
    folder: str
    uid_validity: int


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail whose bytes are stored, as filing reads it."""

    organization_id: UUID
    account_id: UUID
    folder: str
    uid_validity: int
    uid: int
    size_bytes: int
    raw_blob: str | None
    header_blob: str | None
    internal_date: datetime | None
    is_seen: bool
    created_at: datetime
    announced_bytes: int | None


@dataclass(frozen=True, slots=True)
class UnfiledMail(StoredMail):
    """A stored mail that is in no thread yet, with its folder's role; `raw` is its bytes if they are in memory."""

    role: str
    raw: bytes | None = None


def add_all(transaction: Transaction, key: FolderKey, mails: Sequence[TakenMail]) -> list[StoredMail]:
    """Insert messages whose bytes are stored, and return the rows of those that are new."""
    return transaction.all_of(
        StoredMail,
        f"""INSERT INTO mailbox_messages AS m
               (organization_id, account_id, folder, uid_validity, uid, size_bytes, raw_blob, header_blob,
                internal_date, is_seen, flags, announced_bytes)
            SELECT %s, %s, %s, %s, uid, size_bytes, raw_blob, header_blob, internal_date, is_seen,
                   string_to_array(flags, ' '), announced_bytes
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::boolean[],
                        %s::text[], %s::bigint[])
                 AS taken (uid, size_bytes, raw_blob, header_blob, internal_date, is_seen, flags, announced_bytes)
            ON CONFLICT DO NOTHING RETURNING {_FILED_BY}""",  # noqa: S608  # our own column names
        (*_key_columns(key), *_columns(mails)),
    )


def _columns(mails: Sequence[TakenMail]) -> tuple[list[object], ...]:
    return (
        [mail.uid for mail in mails],
        [mail.size_bytes for mail in mails],
        [mail.raw_blob for mail in mails],
        [mail.header_blob for mail in mails],
        [mail.internal_date for mail in mails],
        [mail.is_seen for mail in mails],
        [" ".join(mail.flags) for mail in mails],
        [mail.announced_bytes for mail in mails],
    )


def _key_columns(key: FolderKey) -> tuple[UUID, UUID, str, int]:
    return key.organization_id, key.account_id, key.folder, key.uid_validity


def list_unfiled(transaction: Transaction, *, account_id: UUID, limit: int) -> list[UnfiledMail]:
    """Return the stored messages that are in no thread yet, the oldest first."""
    return transaction.all_of(
        UnfiledMail,
        f"""SELECT {_FILED_BY}, coalesce(f.role, 'other') AS role
            FROM mailbox_messages m
            LEFT JOIN email_folders f ON f.account_id = m.account_id AND f.name = m.folder
            WHERE m.account_id = %s AND m.message_id IS NULL ORDER BY m.created_at, m.uid LIMIT %s""",  # noqa: S608  # our own column names
        (account_id, limit),
    )


def mark_all_filed(
    transaction: Transaction, *, account_id: UUID, filed: Sequence[tuple[StoredMail, UUID]]
) -> None:
    """Record which message each of these stored mails became, in one statement."""
    # The UIDs are named a second time so that the index is used even if the planner has no statistics of a
    # folder that was just filled: otherwise it may compare each of the mails with each of the folder.
    transaction.execute(
        """UPDATE mailbox_messages m SET message_id = filed.message_id
           FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::uuid[])
                AS filed (folder, uid_validity, uid, message_id)
           WHERE m.account_id = %s AND m.folder = filed.folder AND m.uid_validity = filed.uid_validity
             AND m.uid = filed.uid AND m.uid = ANY(%s)""",
        (
            [row.folder for row, _ in filed],
            [row.uid_validity for row, _ in filed],
            [row.uid for row, _ in filed],
            [message_id for _, message_id in filed],
            account_id,
            [row.uid for row, _ in filed],
        ),
    )


# What is stored, compared with what the server has.


def count_visible(transaction: Transaction, key: FolderKey) -> int:
    """Return how many stored messages of a folder were on the server when it was last compared."""
    row = transaction.single(
        """SELECT count(*) FILTER (WHERE is_visible) AS visible FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s""",
        (key.account_id, key.folder, key.uid_validity),
    )
    return int(row["visible"])


def list_uids(transaction: Transaction, key: FolderKey, *, above_uid: int = 0) -> dict[int, bool]:
    """Return the stored UIDs above `above_uid`, each with whether it is visible."""
    rows = transaction.all(
        """SELECT uid, is_visible FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid > %s""",
        (key.account_id, key.folder, key.uid_validity, above_uid),
    )
    return {row["uid"]: row["is_visible"] for row in rows}


@dataclass(frozen=True, slots=True)
class MailState:
    """A stored mail: whether it is in a thread, and whether the server delivered fewer bytes than announced."""

    uid: int
    is_filed: bool
    is_short: bool


@dataclass(frozen=True, slots=True)
class UnfoundRow:
    """A mail that has lost its UID, with its number among those, and the blob of its bytes."""

    uid: int
    blob: str


def list_states(transaction: Transaction, key: FolderKey) -> list[MailState]:
    """Return the state of every stored message of a folder."""
    return transaction.all_of(
        MailState,
        """SELECT uid, message_id IS NOT NULL AS is_filed, announced_bytes IS NOT NULL AS is_short
           FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s""",
        (key.account_id, key.folder, key.uid_validity),
    )


def count_unfound(transaction: Transaction, key: FolderKey) -> int:
    """Return how many messages of a folder have lost their UIDs and were not found again."""
    row = transaction.single(
        "SELECT count(*) AS many FROM mailbox_messages WHERE account_id = %s AND folder = %s AND uid_validity = 0",
        (key.account_id, key.folder),
    )
    return int(row["many"])


def set_visible(transaction: Transaction, key: FolderKey, uids: Sequence[int], *, is_visible: bool) -> None:
    """Record that messages are on the server again, or no longer; no row is ever deleted for that."""
    transaction.execute(
        """UPDATE mailbox_messages SET is_visible = %s
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid = ANY(%s)""",
        (is_visible, key.account_id, key.folder, key.uid_validity, list(uids)),
    )


def hide_folders(transaction: Transaction, *, account_id: UUID, folders: Sequence[str]) -> None:
    """Record that the messages of these folders are no longer on the server."""
    transaction.execute(
        "UPDATE mailbox_messages SET is_visible = false WHERE account_id = %s AND folder = ANY(%s) AND is_visible",
        (account_id, list(folders)),
    )


# New UIDs for stored messages.


def forget_numbers(transaction: Transaction, key: FolderKey) -> None:
    """Detach a folder's messages from their old UIDs after UIDVALIDITY changed; they stay hidden until found again.

    They are kept under UIDVALIDITY 0, with numbers of their own.
    """
    transaction.execute(
        """UPDATE mailbox_messages m SET uid_validity = 0, uid = old.new_uid, is_visible = false
           FROM (SELECT ctid AS row_id,
                        row_number() OVER (ORDER BY uid_validity, uid)
                        + (SELECT coalesce(max(uid), 0) FROM mailbox_messages
                           WHERE account_id = %(account)s AND folder = %(folder)s AND uid_validity = 0) AS new_uid
                 FROM mailbox_messages
                 WHERE account_id = %(account)s AND folder = %(folder)s AND uid_validity <> 0) old
           WHERE m.ctid = old.row_id""",
        {"account": key.account_id, "folder": key.folder},
    )


def give_numbers(transaction: Transaction, key: FolderKey, pairs: Sequence[tuple[int, int]]) -> None:
    """Give messages that were found again their new UIDs; each pair is (number under UIDVALIDITY 0, new UID)."""
    transaction.execute(
        """UPDATE mailbox_messages m SET uid_validity = %s, uid = found.new_uid, is_visible = true
           FROM unnest(%s::bigint[], %s::bigint[]) AS found (old_uid, new_uid)
           WHERE m.account_id = %s AND m.folder = %s AND m.uid_validity = 0 AND m.uid = found.old_uid
             AND m.uid = ANY(%s)""",
        (
            key.uid_validity,
            [old for old, _ in pairs],
            [new for _, new in pairs],
            key.account_id,
            key.folder,
            [old for old, _ in pairs],
        ),
    )


def find_unfound(transaction: Transaction, key: FolderKey, blobs: Sequence[str]) -> list[UnfoundRow]:
    """Return the messages that have lost their UIDs and whose stored bytes are among these blobs."""
    return transaction.all_of(
        UnfoundRow,
        """SELECT uid, coalesce(raw_blob, header_blob) AS blob FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = 0
             AND coalesce(raw_blob, header_blob) = ANY(%s) ORDER BY uid""",
        (key.account_id, key.folder, list(blobs)),
    )
