"""Which messages of a mail server are ours already: one row each, there before anything is parsed."""

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
    """A message of the server whose bytes are stored.

    Without `raw_blob` it was not fetched; then `header_blob` is its header alone, where that could be read.
    `announced_bytes` is set where the server gave fewer bytes than these.
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
        """Whether somebody has read it on the server."""
        return MailFlags(self.uid, self.flags).is_seen


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of a mailbox under one UIDVALIDITY."""

    organization_id: UUID
    account_id: UUID
    folder: str
    uid_validity: int


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail whose bytes are stored, as filing takes it."""

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
    """A stored mail that is in no thread yet, with its folder's role; `raw` is its bytes where they are at hand."""

    role: str
    raw: bytes | None = None


def add_all(transaction: Transaction, place: Place, mails: Sequence[TakenMail]) -> list[StoredMail]:
    """Note messages whose bytes are stored; returns the rows of those that are new, as filing takes them."""
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
        (*_key(place), *_columns(mails)),
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


def _key(place: Place) -> tuple[UUID, UUID, str, int]:
    return place.organization_id, place.account_id, place.folder, place.uid_validity


def list_unfiled(transaction: Transaction, *, account_id: UUID, limit: int) -> list[UnfiledMail]:
    """Return the messages that are stored but in no thread yet, oldest first, with their folder's `role`."""
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
    """Note which message each of these stored mails has become, in one statement."""
    # The numbers are named a second time, so that the mails are found by their key whatever the planner knows
    # of a folder that has just been filled: else it may compare each of them with each of the folder.
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


# What is there, against what the server has.


def count_visible(transaction: Transaction, place: Place) -> int:
    """Return how many messages of a folder are stored and were on the server when last compared."""
    row = transaction.single(
        """SELECT count(*) FILTER (WHERE is_visible) AS visible FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s""",
        (place.account_id, place.folder, place.uid_validity),
    )
    return int(row["visible"])


def list_uids(transaction: Transaction, place: Place, *, above_uid: int = 0) -> dict[int, bool]:
    """Return whether each stored UID above a number is visible."""
    rows = transaction.all(
        """SELECT uid, is_visible FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid > %s""",
        (place.account_id, place.folder, place.uid_validity, above_uid),
    )
    return {row["uid"]: row["is_visible"] for row in rows}


@dataclass(frozen=True, slots=True)
class MailState:
    """What is stored of a mail in a folder."""

    uid: int
    is_filed: bool
    is_short: bool


@dataclass(frozen=True, slots=True)
class UnfoundRow:
    """A mail whose number is gone, by its bytes."""

    uid: int
    blob: str


def list_states(transaction: Transaction, place: Place) -> list[MailState]:
    """Return {uid, is_filed, is_short} of every stored message of a folder."""
    return transaction.all_of(
        MailState,
        """SELECT uid, message_id IS NOT NULL AS is_filed, announced_bytes IS NOT NULL AS is_short
           FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s""",
        (place.account_id, place.folder, place.uid_validity),
    )


def count_unfound(transaction: Transaction, place: Place) -> int:
    """Return how many messages of a folder have lost their number and were not found again."""
    row = transaction.single(
        "SELECT count(*) AS many FROM mailbox_messages WHERE account_id = %s AND folder = %s AND uid_validity = 0",
        (place.account_id, place.folder),
    )
    return int(row["many"])


def show(transaction: Transaction, place: Place, uids: Sequence[int], *, is_visible: bool) -> None:
    """Note that messages are on the server again, or are no longer; nothing is ever deleted for that."""
    transaction.execute(
        """UPDATE mailbox_messages SET is_visible = %s
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid = ANY(%s)""",
        (is_visible, place.account_id, place.folder, place.uid_validity, list(uids)),
    )


def hide_folders(transaction: Transaction, *, account_id: UUID, folders: Sequence[str]) -> None:
    """Note that what lies in these folders is not to be seen on the server."""
    transaction.execute(
        "UPDATE mailbox_messages SET is_visible = false WHERE account_id = %s AND folder = ANY(%s) AND is_visible",
        (account_id, list(folders)),
    )


# New numbers for old messages.


def forget_numbers(transaction: Transaction, place: Place) -> None:
    """Take their numbers from a folder's messages, since the server gave new ones: none is visible until found.

    They wait under UIDVALIDITY 0, numbered anew among themselves.
    """
    transaction.execute(
        """UPDATE mailbox_messages m SET uid_validity = 0, uid = old.new_uid, is_visible = false
           FROM (SELECT ctid AS place,
                        row_number() OVER (ORDER BY uid_validity, uid)
                        + (SELECT coalesce(max(uid), 0) FROM mailbox_messages
                           WHERE account_id = %(account)s AND folder = %(folder)s AND uid_validity = 0) AS new_uid
                 FROM mailbox_messages
                 WHERE account_id = %(account)s AND folder = %(folder)s AND uid_validity <> 0) old
           WHERE m.ctid = old.place""",
        {"account": place.account_id, "folder": place.folder},
    )


def give_numbers(transaction: Transaction, place: Place, pairs: Sequence[tuple[int, int]]) -> None:
    """Give messages that were found again, each by its number among the unfound, their new UIDs."""
    transaction.execute(
        """UPDATE mailbox_messages m SET uid_validity = %s, uid = found.new_uid, is_visible = true
           FROM unnest(%s::bigint[], %s::bigint[]) AS found (old_uid, new_uid)
           WHERE m.account_id = %s AND m.folder = %s AND m.uid_validity = 0 AND m.uid = found.old_uid
             AND m.uid = ANY(%s)""",
        (
            place.uid_validity,
            [old for old, _ in pairs],
            [new for _, new in pairs],
            place.account_id,
            place.folder,
            [old for old, _ in pairs],
        ),
    )


def find_unfound(transaction: Transaction, place: Place, blobs: Sequence[str]) -> list[UnfoundRow]:
    """Return {uid, blob} of the messages whose number is gone and whose stored bytes are among these."""
    return transaction.all_of(
        UnfoundRow,
        """SELECT uid, coalesce(raw_blob, header_blob) AS blob FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = 0
             AND coalesce(raw_blob, header_blob) = ANY(%s) ORDER BY uid""",
        (place.account_id, place.folder, list(blobs)),
    )
