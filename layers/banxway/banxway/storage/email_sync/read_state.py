"""Who has read what: on the mail server, as its flags say, and in the console."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.mail import MailFlags
from banxway.models.realtime import ChangeKind
from banxway.storage.database import Transaction
from banxway.storage.email_sync.mailbox_messages import Place
from banxway.storage.realtime.changes import News

_SEEN: ChangeKind = "message.seen"


def apply_flags(transaction: Transaction, place: Place, flags: Sequence[MailFlags]) -> list[News]:
    """Note what the server says of stored messages; returns what changed for who reads threads.

    A message counts as read from the moment that its mail was seen to become so on the server, and as unread
    again once somebody marks it so there; what merely stayed unread on the server unmarks nothing.
    """
    stored = _stored_flags(transaction, place, flags)
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    turned: dict[bool, list[UUID]] = {True: [], False: []}
    for said in flags:
        row = stored.get(said.uid)
        if row is None or (row.is_seen == said.is_seen and set(row.flags) == set(said.flags)):
            continue
        alike[said.flags].append(said.uid)
        if row.is_seen != said.is_seen and row.message_id:
            turned[said.is_seen].append(row.message_id)
    # A folder knows few combinations of flags. Numbers in an array are found by the key, whatever the planner
    # knows of a folder that has just been filled.
    for words, uids in alike.items():
        _write_flags(transaction, place, words, uids)
    return [
        *_turn(transaction, turned[True], is_seen=True),
        *_turn(transaction, turned[False], is_seen=False),
    ]


@dataclass(frozen=True, slots=True)
class FlagsRow:
    """The flags that are stored of a mail."""

    uid: int
    is_seen: bool
    flags: list[str]
    message_id: UUID | None


@dataclass(frozen=True, slots=True)
class WantedRow:
    """A mail that the server is to be told of."""

    folder: str
    uid_validity: int
    uid: int


def _stored_flags(transaction: Transaction, place: Place, flags: Sequence[MailFlags]) -> dict[int, FlagsRow]:
    rows = transaction.all_of(
        FlagsRow,
        """SELECT uid, is_seen, flags, message_id FROM mailbox_messages
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid = ANY(%s)""",
        (place.account_id, place.folder, place.uid_validity, [each.uid for each in flags]),
    )
    return {row.uid: row for row in rows}


def _write_flags(transaction: Transaction, place: Place, words: tuple[str, ...], uids: list[int]) -> None:
    transaction.execute(
        """UPDATE mailbox_messages
           SET is_seen = %(seen)s, flags = %(flags)s, seen_wanted = seen_wanted AND NOT %(seen)s
           WHERE account_id = %(account)s AND folder = %(folder)s AND uid_validity = %(validity)s
             AND uid = ANY(%(uids)s)""",
        {
            "seen": MailFlags(uids[0], words).is_seen,
            "flags": list(words),
            "account": place.account_id,
            "folder": place.folder,
            "validity": place.uid_validity,
            "uids": uids,
        },
    )


def _turn(transaction: Transaction, message_ids: list[UUID], *, is_seen: bool) -> list[News]:
    rows = transaction.all(
        """UPDATE messages SET seen_at = CASE WHEN %(seen)s THEN now() END
           WHERE id = ANY(%(ids)s) AND direction = 'inbound' AND (seen_at IS NULL) = %(seen)s
           RETURNING id, thread_id""",
        {"seen": is_seen, "ids": message_ids},
    )
    return [News(_SEEN, row["thread_id"], row["id"]) for row in rows]


def read_thread(transaction: Transaction, thread_id: UUID) -> list[News]:
    """Note that a thread's inbound messages were read in the console; returns what that changed."""
    rows = transaction.all(
        """UPDATE messages SET seen_at = now()
           WHERE thread_id = %s AND direction = 'inbound' AND seen_at IS NULL RETURNING id, thread_id""",
        (thread_id,),
    )
    return [News(_SEEN, row["thread_id"], row["id"]) for row in rows]


def want_seen(transaction: Transaction, thread_id: UUID) -> list[UUID]:
    """Note which mails of a thread the server is to be told of; returns their mailboxes.

    Only mailboxes that say so (`marks_seen`) are ever told, and only of what is unread there.
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
    """Return {folder, uid_validity, uid} of the mails that the server is to be told of, folder by folder."""
    return transaction.all_of(
        WantedRow,
        """SELECT folder, uid_validity, uid FROM mailbox_messages
           WHERE account_id = %s AND seen_wanted ORDER BY folder, uid_validity, uid LIMIT %s""",
        (account_id, limit),
    )


def note_told(transaction: Transaction, place: Place, uids: Sequence[int], *, is_seen: bool) -> None:
    """Note that the server was told of mails, or (not seen) that it cannot be, since their number is gone."""
    transaction.execute(
        """UPDATE mailbox_messages SET seen_wanted = false, is_seen = is_seen OR %s
           WHERE account_id = %s AND folder = %s AND uid_validity = %s AND uid = ANY(%s)""",
        (is_seen, place.account_id, place.folder, place.uid_validity, list(uids)),
    )
