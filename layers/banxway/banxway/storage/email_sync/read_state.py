"""What has been read: on the mail server, as its flags say, and in the console."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.mail import MailFlags
from banxway.models.realtime import ChangeKind
from banxway.storage.database import Transaction
from banxway.storage.email_sync.mailbox_messages import FolderKey
from banxway.storage.realtime.changes import PendingChange

_SEEN: ChangeKind = "message.seen"


def apply_flags(transaction: Transaction, key: FolderKey, flags: Sequence[MailFlags]) -> list[PendingChange]:
    """Record the server's flags of stored messages; returns the changes to record.

    A message becomes read when its mail becomes read on the server, and unread when its mail becomes unread there.
    A mail that merely stayed unread on the server changes nothing: the message may have been read here.
    """
    stored = _stored_flags(transaction, key, flags)
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    turned: dict[bool, list[UUID]] = {True: [], False: []}
    for said in flags:
        row = stored.get(said.uid)
        if row is None or (row.is_seen == said.is_seen and set(row.flags) == set(said.flags)):
            continue
        alike[said.flags].append(said.uid)
        if row.is_seen != said.is_seen and row.message_id:
            turned[said.is_seen].append(row.message_id)
    # A folder has few combinations of flags. UIDs in an array are found by the index, even if the planner has no
    # statistics of a folder that was just filled.
    for words, uids in alike.items():
        _write_flags(transaction, key, words, uids)
    return [
        *_change_seen(transaction, turned[True], is_seen=True),
        *_change_seen(transaction, turned[False], is_seen=False),
    ]


@dataclass(frozen=True, slots=True)
class FlagsRow:
    """The stored flags of a mail."""

    uid: int
    is_seen: bool
    flags: list[str]
    message_id: UUID | None


@dataclass(frozen=True, slots=True)
class WantedRow:
    """A mail that is to be marked as read on the server."""

    folder: str
    uid_validity: int
    uid: int


def _stored_flags(
    transaction: Transaction, key: FolderKey, flags: Sequence[MailFlags]
) -> dict[int, FlagsRow]:
    rows = transaction.all_of(
        FlagsRow,
        """SELECT uid, is_seen, flags, message_id FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid = ANY(%s)""",
        (key.account_id, key.folder, key.uid_validity, [each.uid for each in flags]),
    )
    return {row.uid: row for row in rows}


def _write_flags(transaction: Transaction, key: FolderKey, words: tuple[str, ...], uids: list[int]) -> None:
    transaction.execute(
        """UPDATE mailbox_messages
           SET is_seen = %(seen)s, flags = %(flags)s, seen_wanted = seen_wanted AND NOT %(seen)s
           WHERE account_id = %(account)s AND folder = %(folder)s AND uid_validity = %(validity)s
             AND uid = ANY(%(uids)s)""",
        {
            "seen": MailFlags(uids[0], words).is_seen,
            "flags": list(words),
            "account": key.account_id,
            "folder": key.folder,
            "validity": key.uid_validity,
            "uids": uids,
        },
    )


def _change_seen(transaction: Transaction, message_ids: list[UUID], *, is_seen: bool) -> list[PendingChange]:
    rows = transaction.all(
        """UPDATE messages SET seen_at = CASE WHEN %(seen)s THEN now() END
           WHERE id = ANY(%(ids)s) AND direction = 'inbound' AND (seen_at IS NULL) = %(seen)s
           RETURNING id, thread_id""",
        {"seen": is_seen, "ids": message_ids},
    )
    return [PendingChange(_SEEN, row["thread_id"], row["id"]) for row in rows]


def read_thread(transaction: Transaction, thread_id: UUID) -> list[PendingChange]:
    """Mark a thread's inbound messages as read in the console; returns the changes to record."""
    rows = transaction.all(
        """UPDATE messages SET seen_at = now()
           WHERE thread_id = %s AND direction = 'inbound' AND seen_at IS NULL RETURNING id, thread_id""",
        (thread_id,),
    )
    return [PendingChange(_SEEN, row["thread_id"], row["id"]) for row in rows]


def want_seen(transaction: Transaction, thread_id: UUID) -> list[UUID]:
    """Mark the mails of a thread that are to be marked as read on the server; returns their mailboxes.

    Only mailboxes with `marks_seen` are included, and only mails that are unread on the server.
    """
    rows = transaction.all(
        """WITH wanted AS (
               UPDATE mailbox_messages m SET seen_wanted = true
               FROM messages, email_accounts a
               WHERE messages.thread_id = %s AND messages.direction = 'inbound'
                 AND m.organization_id = messages.organization_id AND m.message_id = messages.id
                 AND a.id = m.account_id AND a.marks_seen AND a.imap_enabled
                 AND m.is_visible AND NOT m.is_seen AND NOT m.seen_wanted
               RETURNING m.account_id)
           SELECT DISTINCT account_id FROM wanted ORDER BY account_id""",
        (thread_id,),
    )
    return [row["account_id"] for row in rows]


def list_wanted(transaction: Transaction, account_id: UUID, *, limit: int) -> list[WantedRow]:
    """Return the mails that are to be marked as read on the server, folder by folder."""
    return transaction.all_of(
        WantedRow,
        """SELECT folder, uid_validity, uid FROM mailbox_messages
           WHERE account_id = %s AND seen_wanted ORDER BY folder, uid_validity, uid LIMIT %s""",
        (account_id, limit),
    )


def clear_wanted(transaction: Transaction, key: FolderKey, uids: Sequence[int], *, is_seen: bool) -> None:
    """Record that mails no longer need to be marked as read on the server.

    `is_seen` says that the server has marked them; False means that it cannot, since their UIDs are gone.
    """
    transaction.execute(
        """UPDATE mailbox_messages SET seen_wanted = false, is_seen = is_seen OR %s
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid = ANY(%s)""",
        (is_seen, key.account_id, key.folder, key.uid_validity, list(uids)),
    )
