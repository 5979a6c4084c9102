"""Which message of a thread an answer answers."""

from uuid import UUID

from banxway.storage.database import Row, Transaction

_COLUMNS = """id, channel, direction, sender, sender_name, recipient, subject, mail_to, mail_cc, mail_reply_to,
              mail_message_id, mail_authentication, answer_to, occurred_at"""


def find(transaction: Transaction, *, thread_id: UUID, message_id: UUID) -> Row | None:
    """Return a message if it is one of this thread, or None."""
    return transaction.one(
        f"SELECT {_COLUMNS} FROM messages WHERE id = %s AND thread_id = %s",  # noqa: S608  # our own column names
        (message_id, thread_id),
    )


def find_latest(transaction: Transaction, *, thread_id: UUID, channel: str) -> Row | None:
    """Return the newest message that somebody wrote to us on a channel, else the newest that one of us wrote.

    Bounces and automatic mail are left out, since nobody wrote them; spam comes last.
    """
    return transaction.one(
        f"""SELECT {_COLUMNS} FROM messages
            WHERE thread_id = %s AND channel = %s AND automatic IS NULL
              AND mail_origin IS DISTINCT FROM 'bounce'
            ORDER BY direction, is_spam, occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1""",  # noqa: S608  # our own column names
        (thread_id, channel),
    )
