"""Messages, inbound and outbound: inserting, finding, and what is read of a thread's messages.

Only storage/messages/ledger.py changes their status.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from banxway.storage.database import Transaction
from banxway.storage.messages.rows import COLUMNS, MessageRow, NewMessageRow
from banxway.storage.storable_text import to_json

_COLUMNS = tuple(NewMessageRow.__slots__)
_INSERT = (
    f"INSERT INTO messages ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'%({c})s' for c in _COLUMNS)}) "  # noqa: S608  # our own column names
    "ON CONFLICT (organization_id, channel, identity) WHERE identity IS NOT NULL DO NOTHING RETURNING created_at"
)


def add(transaction: Transaction, message: NewMessageRow) -> datetime | None:
    """Insert a message and return its created_at; None if a message with its identity exists already."""
    values = {column: getattr(message, column) for column in _COLUMNS}
    values["content"] = to_json(message.content)
    row = transaction.one(_INSERT, values)
    return row["created_at"] if row else None


def move(transaction: Transaction, *, message_id: UUID, thread_id: UUID) -> None:
    """Move a message into another thread."""
    transaction.execute("UPDATE messages SET thread_id = %s WHERE id = %s", (thread_id, message_id))


def find(transaction: Transaction, message_id: UUID) -> MessageRow | None:
    """Return a message, or None."""
    return transaction.one_of(MessageRow, f"SELECT {COLUMNS} FROM messages WHERE id = %s", (message_id,))  # noqa: S608  # our own column names


def find_all(transaction: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, MessageRow]:
    """Return these messages by id."""
    statement = f"SELECT {COLUMNS} FROM messages WHERE id = ANY(%s)"  # noqa: S608  # our own column names
    return {row.id: row for row in transaction.all_of(MessageRow, statement, (list(message_ids),))}


def find_by_identity(transaction: Transaction, *, channel: str, identity: str) -> UUID | None:
    """Return the id of the message with this identity, or None."""
    row = transaction.one("SELECT id FROM messages WHERE channel = %s AND identity = %s", (channel, identity))
    return row["id"] if row else None


def find_by_identities(transaction: Transaction, identities: Collection[str]) -> dict[str, UUID]:
    """Return the ids of the messages with these identities, by the latter."""
    rows = transaction.all("SELECT id, identity FROM messages WHERE identity = ANY(%s)", (list(identities),))
    return {row["identity"]: row["id"] for row in rows}


def find_by_provider_sid(transaction: Transaction, provider_sid: str) -> UUID | None:
    """Return the id of the outbound message with this provider's id, or None."""
    row = transaction.one(
        "SELECT id FROM messages WHERE provider_sid = %s AND direction = 'outbound'", (provider_sid,)
    )
    return row["id"] if row else None


def find_by_provider_sids(transaction: Transaction, provider_sids: Collection[str]) -> dict[str, UUID]:
    """Return the ids of the outbound messages with these provider's ids, by the latter; the oldest of several."""
    rows = transaction.all(
        """SELECT id, provider_sid FROM messages WHERE provider_sid = ANY(%s) AND direction = 'outbound'
           ORDER BY created_at DESC, id DESC""",
        (list(provider_sids),),
    )
    return {row["provider_sid"]: row["id"] for row in rows}


def clamp_to_now(transaction: Transaction, claimed: datetime | None = None) -> datetime:
    """Return a claimed instant, at the latest the database's now; without a claim, the database's now.

    Messages are ordered, and the 24-hour window is counted, by one clock, the database's.
    """
    at: datetime = transaction.single("SELECT least(%s::timestamptz, now()) AS at", (claimed,))["at"]
    return at


def has_written_within(
    transaction: Transaction, *, channel: str, senders: Sequence[str], recipient: str, window: timedelta
) -> bool:
    """Return whether a message from one of these addresses to `recipient` is younger than `window`."""
    row = transaction.single(
        """SELECT EXISTS (SELECT FROM messages
                          WHERE channel = %s AND direction = 'inbound' AND sender = ANY(%s)
                            AND occurred_at > now() - %s AND recipient = %s) AS is_recent""",
        (channel, list(senders), window, recipient),
    )
    is_recent: bool = row["is_recent"]
    return is_recent


def newer_than(transaction: Transaction, *, thread_id: UUID, message_id: UUID) -> list[UUID]:
    """Return the ids of the thread's inbound messages that were stored after one of its messages, in order."""
    rows = transaction.all(
        """SELECT m.id FROM messages m
           JOIN messages seen ON seen.id = %s AND seen.thread_id = m.thread_id
           WHERE m.thread_id = %s AND m.direction = 'inbound' AND m.created_at > seen.created_at
           ORDER BY m.created_at""",
        (message_id, thread_id),
    )
    return [row["id"] for row in rows]


def reply_headers(transaction: Transaction, *, thread_id: UUID) -> dict[str, str]:
    """Return the Message-IDs of the thread's mails, oldest first, each with its spelling on the wire.

    An answer's References consist of them. Bounces and our automatic mails, which may go to others as forwards do,
    are left out: they are not part of the conversation.
    """
    rows = transaction.all(
        """SELECT mail_message_id,
                  coalesce((SELECT min(a.mail_id) FROM mail_aliases a WHERE a.message_id = m.id),
                           mail_raw_message_id, mail_message_id) AS spelled
           FROM messages m WHERE thread_id = %s AND mail_message_id IS NOT NULL
             AND (direction = 'inbound' OR status IN ('sent', 'delivered', 'read'))
             AND automatic IS NULL AND mail_origin IS DISTINCT FROM 'bounce'
           ORDER BY occurred_at, ordered_at, arrival""",
        (thread_id,),
    )
    return {row["mail_message_id"]: row["spelled"] for row in rows}


def last_mail_subject(transaction: Transaction, *, thread_id: UUID) -> str | None:
    """Return the subject of the thread's latest mail, or None if it has no mail.

    A mail with a subject comes before one without, and any other mail before an automatic answer.
    """
    row = transaction.one(
        """SELECT subject FROM messages WHERE thread_id = %s AND channel = 'EMAIL'
             AND automatic IS NULL AND mail_origin IS DISTINCT FROM 'bounce'
           ORDER BY (btrim(subject) = ''), (mail_origin IS NOT DISTINCT FROM 'auto_reply'),
                     occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1""",
        (thread_id,),
    )
    return row["subject"] if row else None
