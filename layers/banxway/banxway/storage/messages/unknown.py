"""Outbound mails whose outcome is unknown: when to look for them in the Sent folder, and how often that was done."""

from dataclasses import dataclass
from uuid import UUID

from banxway.storage.database import Transaction

_LOOKS = 14  # with 10 s between the first two, doubled each time: almost a day
_LOOKS_BEFORE_ADVICE = 5  # after at least 150 s: longer than a provider takes to store its copy in Sent


@dataclass(frozen=True, slots=True)
class UnknownMail:
    """A mail whose outcome is unknown."""

    organization_id: UUID
    id: UUID
    thread_id: UUID
    mail_message_id: str


def due_for_a_look(transaction: Transaction, *, account_id: UUID, limit: int) -> list[UnknownMail]:
    """Return a mailbox's unknown mails that are to be looked for now, the longest untried first."""
    return transaction.all_of(
        UnknownMail,
        """SELECT organization_id, id, thread_id, mail_message_id FROM messages
           WHERE status = 'unknown' AND channel = 'EMAIL' AND direction = 'outbound'
             AND email_account_id = %s AND mail_message_id IS NOT NULL AND sent_looks < %s
             AND (sent_looked_at IS NULL
                  OR sent_looked_at < now() - make_interval(secs => 10 * power(2, sent_looks - 1)))
           ORDER BY sent_looked_at NULLS FIRST LIMIT %s""",
        (account_id, _LOOKS, limit),
    )


def record_look(transaction: Transaction, message_id: UUID, *, advice: str) -> bool:
    """Record a look that found nothing; True if it was the one after which a person should take over."""
    row = transaction.one(
        """UPDATE messages
           SET sent_looks = sent_looks + 1, sent_looked_at = now(),
               failure_advice = CASE WHEN sent_looks + 1 >= %s THEN %s ELSE failure_advice END
           WHERE id = %s AND status = 'unknown' RETURNING sent_looks""",
        (_LOOKS_BEFORE_ADVICE, advice, message_id),
    )
    return row is not None and row["sent_looks"] == _LOOKS_BEFORE_ADVICE
