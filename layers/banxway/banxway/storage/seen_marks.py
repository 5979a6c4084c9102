"""Who has read what: on the mail server, as its flags say, and in the console."""

from collections.abc import Sequence
from uuid import UUID

from banxway.models.mail import MailFlags
from banxway.storage.changes import News
from banxway.storage.database import Row, Transaction
from banxway.storage.mailbox_messages import Place

_SEEN = "message.seen"


def apply_flags(transaction: Transaction, place: Place, flags: Sequence[MailFlags]) -> list[News]:
    """Note what the server says of stored messages; returns what changed for who reads threads.

    A message counts as read from the moment that its mail was seen to become so on the server, and as unread
    again once somebody marks it so there; what merely stayed unread on the server unmarks nothing.
    """
    rows = transaction.all(
        """WITH said AS (
               SELECT * FROM unnest(%s::bigint[], %s::boolean[], %s::text[]) AS said (uid, is_seen, flags)),
           turned AS (
               UPDATE mailbox_messages m
               SET is_seen = said.is_seen, flags = string_to_array(said.flags, ' '),
                   seen_wanted = m.seen_wanted AND NOT said.is_seen
               FROM said JOIN mailbox_messages old ON old.account_id = %s AND old.folder = %s
                    AND old.uid_validity = %s AND old.uid = said.uid
               WHERE m.account_id = old.account_id AND m.folder = old.folder
                 AND m.uid_validity = old.uid_validity AND m.uid = old.uid
                 AND (old.is_seen <> said.is_seen OR old.flags <> string_to_array(said.flags, ' '))
               RETURNING m.message_id, said.is_seen, old.is_seen AS was_seen)
           UPDATE messages SET seen_at = CASE WHEN turned.is_seen THEN coalesce(messages.seen_at, now()) END
           FROM turned
           WHERE messages.id = turned.message_id AND messages.direction = 'inbound'
             AND turned.is_seen <> turned.was_seen AND turned.is_seen = (messages.seen_at IS NULL)
           RETURNING messages.id, messages.thread_id""",
        (
            [each.uid for each in flags],
            [each.is_seen for each in flags],
            [" ".join(each.flags) for each in flags],
            place.account_id,
            place.folder,
            place.uid_validity,
        ),
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


def list_wanted(transaction: Transaction, account_id: UUID, *, limit: int) -> list[Row]:
    """Return {folder, uid_validity, uid} of the mails that the server is to be told of, folder by folder."""
    return transaction.all(
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
