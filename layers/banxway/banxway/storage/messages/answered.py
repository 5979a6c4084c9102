"""The message of a thread that an answer refers to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.models.words import Channel, Direction
from banxway.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A message as composing an answer reads it."""

    id: UUID
    channel: Channel
    direction: Direction
    sender: str
    sender_name: str
    recipient: str
    subject: str
    mail_to: list[str]
    mail_cc: list[str]
    mail_reply_to: list[str]
    mail_message_id: str | None
    mail_authentication: str | None
    answer_to: str | None
    occurred_at: datetime


_COLUMNS = ", ".join(AnsweredRow.__slots__)


def find(transaction: Transaction, *, thread_id: UUID, message_id: UUID) -> AnsweredRow | None:
    """Return a message of this thread, or None."""
    return transaction.one_of(
        AnsweredRow,
        f"SELECT {_COLUMNS} FROM messages WHERE id = %s AND thread_id = %s",  # noqa: S608  # our own column names
        (message_id, thread_id),
    )


def find_latest(transaction: Transaction, *, thread_id: UUID, channel: str) -> AnsweredRow | None:
    """Return the thread's newest inbound message on a channel, else the newest outbound one, or None.

    Bounces and our automatic mails are left out, since no person wrote them; spam comes last.
    """
    return transaction.one_of(
        AnsweredRow,
        f"""SELECT {_COLUMNS} FROM messages
            WHERE thread_id = %s AND channel = %s AND automatic IS NULL
              AND mail_origin IS DISTINCT FROM 'bounce'
            ORDER BY direction, is_spam, occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1""",  # noqa: S608  # our own column names
        (thread_id, channel),
    )
