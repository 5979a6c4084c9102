"""Authors that forwarded messages name, as suggestions until a member confirms one as the customer."""

from uuid import UUID

from banxway.models.threads.threads import SuggestedCustomer
from banxway.storage.database import Transaction


def find(transaction: Transaction, thread_id: UUID) -> SuggestedCustomer | None:
    """Return the author that the thread's newest undecided forward names, or None."""
    row = transaction.one(
        """SELECT id AS message_id, forwarded_from AS email,
                  left(coalesce(nullif(forwarded_name, ''), forwarded_from), 200) AS name
           FROM messages WHERE thread_id = %s AND forwarded_from IS NOT NULL AND answer_to IS NULL
           ORDER BY occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1""",
        (thread_id,),
    )
    return SuggestedCustomer(**row) if row else None


def accept(transaction: Transaction, *, thread_id: UUID, email: str, customer_id: UUID) -> None:
    """Make an author the customer of the thread's forwards that name them, and the recipient of answers to these."""
    transaction.execute(
        """UPDATE messages SET answer_to = forwarded_from, customer_id = %s
           WHERE thread_id = %s AND forwarded_from = %s""",
        (customer_id, thread_id, email),
    )
