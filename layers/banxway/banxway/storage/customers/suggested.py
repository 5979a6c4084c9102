"""Whom forwarded messages name as their authors, until somebody says that it is true."""

from uuid import UUID

from banxway.models.threads.threads import SuggestedCustomer
from banxway.storage.database import Transaction


def find(transaction: Transaction, thread_id: UUID) -> SuggestedCustomer | None:
    """Return the author that the thread's newest forward names, or None; no longer once a person has decided."""
    row = transaction.one(
        """SELECT id AS message_id, forwarded_from AS email,
                  left(coalesce(nullif(forwarded_name, ''), forwarded_from), 200) AS name
           FROM messages WHERE thread_id = %s AND forwarded_from IS NOT NULL AND answer_to IS NULL
           ORDER BY occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1""",
        (thread_id,),
    )
    return SuggestedCustomer(**row) if row else None


def accept(transaction: Transaction, *, thread_id: UUID, email: str, customer_id: UUID) -> None:
    """Let answers to the thread's forwards go to their author, whose messages they are from now on."""
    transaction.execute(
        """UPDATE messages SET answer_to = forwarded_from, customer_id = %s
           WHERE thread_id = %s AND forwarded_from = %s""",
        (customer_id, thread_id, email),
    )
