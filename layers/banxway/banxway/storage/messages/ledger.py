"""The ledger: every change of a message's status happens here, each as one conditional UPDATE.

    queued ──claim──▶ sending ──settle──▶ accepted ──settle──▶ sent ──settle──▶ delivered ──settle──▶ read
      ▲                  │ │ └──settle──▶ failed        (from any status that is weaker)
      │                  │ └─expire_lease─▶ unknown ──settle──▶ what the evidence shows
      ├──requeue · pause─┘
      ├──queue_again── failed, unknown                  (on a person's word)
      └──fail_on_channel · fail_of_mailbox──▶ failed    (what waited, nothing was sent)

    received ──mark_as_ours──▶ sent                     (a mail that a Sent folder proves to be ours)

`settle` keeps the strongest status that is known (models/messages/statuses.py), so the order in which reports
arrive does not matter; settling.py does the same for a set. Of two workers that claim the same message, one gets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus
from banxway.storage.database import Transaction
from banxway.storage.messages import messages, settling
from banxway.storage.messages.rows import COLUMNS, MessageRow
from banxway.storage.messages.settling import Evidence


def claim(transaction: Transaction, *, message_id: UUID, lease_id: UUID, lease_s: int) -> MessageRow | None:
    """Claim a queued message that is due for sending; None if it is not due or another worker has claimed it.

    This one UPDATE makes at-least-once queues harmless: of any number of workers, one gets the row.
    """
    return transaction.one_of(
        MessageRow,
        f"""UPDATE messages
           SET status = 'sending', lease_id = %s, lease_until = now() + make_interval(secs => %s),
               attempts = attempts + 1, attempted_at = now(), updated_at = now()
           WHERE id = %s AND status = 'queued' AND next_attempt_at <= now() RETURNING {COLUMNS}""",  # noqa: S608  # our own column names
        (lease_id, lease_s, message_id),
    )


def requeue(transaction: Transaction, *, message_id: UUID, lease_id: UUID, delay_s: float) -> bool:
    """Queue a claimed message again, on proof that nothing was accepted; False if its claim or status has changed."""
    return bool(
        transaction.execute(
            """UPDATE messages
               SET status = 'queued', lease_id = NULL, lease_until = NULL, updated_at = now(),
                   next_attempt_at = now() + make_interval(secs => %s)
               WHERE id = %s AND lease_id = %s AND status = 'sending'""",
            (delay_s, message_id, lease_id),
        )
    )


def is_claimed_by(transaction: Transaction, *, message_id: UUID, lease_id: UUID) -> bool:
    """Return whether the latest claim of a message is this one, and lock the row until the transaction ends."""
    row = transaction.one("SELECT lease_id FROM messages WHERE id = %s FOR NO KEY UPDATE", (message_id,))
    return row is not None and row["lease_id"] == lease_id


def settle(
    transaction: Transaction,
    *,
    message_id: UUID,
    outcome: MessageStatus,
    provider_sid: str | None = None,
    provider_code: str | None = None,
    reason: str | None = None,
    advice: str | None = None,
    failure_code: str | None = None,
    took_nothing: bool = False,
) -> MessageStatus | None:
    """Add evidence about a message's outcome, and return its new status, or None if the status did not change.

    The status is the strongest that is known (models/messages/statuses.py), so the order in which the provider's
    answer, callbacks and expiries arrive does not matter. Locks the row until the commit.
    The arguments are those of `settling.Evidence`.
    """
    row = settling.lock_all(transaction, [message_id]).get(message_id)
    if row is None:
        return None
    evidence = Evidence(outcome, provider_sid, provider_code, reason, advice, failure_code, took_nothing)
    after = settling.settled(row, evidence)
    settling.save_all(transaction, [after])
    return after.status if after.status != row.status else None


def settle_sent(transaction: Transaction, message_id: UUID) -> bool:
    """Settle a mail as sent, since it was found in a Sent folder; False if its status was as strong already."""
    row = messages.find(transaction, message_id)
    if row is None:
        return False
    found = settle(
        transaction,
        message_id=message_id,
        outcome=MessageStatus.SENT,
        provider_sid=f"<{row.mail_message_id}>",
    )
    return found is not None


def mark_as_ours(transaction: Transaction, rows: Sequence[tuple[UUID, str]]) -> None:
    """Mark received messages as our own outbound mails, since a Sent folder has them; each with its recipient."""
    if rows:
        transaction.execute(
            """UPDATE messages m SET direction = 'outbound', status = 'sent', recipient = ours.recipient,
                                     mail_authentication = NULL, seen_at = NULL, is_spam = false
               FROM unnest(%s::uuid[], %s::text[]) AS ours (id, recipient)
               WHERE m.id = ours.id AND m.direction = 'inbound'""",
            ([one for one, _ in rows], [recipient for _, recipient in rows]),
        )


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A message that was set to failed."""

    id: UUID
    thread_id: UUID


def fail_on_channel(transaction: Transaction, *, channel: str, reason: str, advice: str) -> list[FailedRow]:
    """Set every queued message of a channel to failed and return them; one that is being sent does not change."""
    return transaction.all_of(
        FailedRow, _FAIL + " AND channel = %s RETURNING id, thread_id", (reason, advice, channel)
    )


def fail_of_mailbox(
    transaction: Transaction, *, account_id: UUID, reason: str, advice: str
) -> list[FailedRow]:
    """Set every queued mail of a mailbox to failed and return them; one that is being sent does not change."""
    return transaction.all_of(
        FailedRow, _FAIL + " AND email_account_id = %s RETURNING id, thread_id", (reason, advice, account_id)
    )


def resume_of_mailbox(transaction: Transaction, account_id: UUID) -> None:
    """Resume a mailbox's paused mails: they are due again, and the sweeper enqueues them within a minute."""
    transaction.execute(
        """UPDATE messages
           SET next_attempt_at = now() - interval '1 minute', failure_reason = NULL, failure_advice = NULL,
               updated_at = now()
           WHERE direction = 'outbound' AND status = 'queued' AND email_account_id = %s
             AND next_attempt_at > now()""",
        (account_id,),
    )


def pause(
    transaction: Transaction, *, message_id: UUID, lease_id: UUID, pause_s: float, reason: str, advice: str
) -> bool:
    """Pause a claimed message for `pause_s`, with the reason why it waits; the claim does not count as an attempt.

    False if its claim or status has changed.
    """
    return bool(
        transaction.execute(
            """UPDATE messages
               SET status = 'queued', lease_id = NULL, lease_until = NULL, updated_at = now(),
                   attempts = attempts - 1, attempted_at = NULL, failure_reason = %s, failure_advice = %s,
                   next_attempt_at = now() + make_interval(secs => %s)
               WHERE id = %s AND lease_id = %s AND status = 'sending'""",
            (reason, advice, pause_s, message_id, lease_id),
        )
    )


def queue_again(transaction: Transaction, *, message_id: UUID, status: str) -> bool:
    """Queue a failed or unknown message to be sent again; False if its status is no longer `status`."""
    return bool(
        transaction.execute(
            """UPDATE messages
               SET status = 'queued', attempts = 0, attempted_at = NULL, took_nothing = false,
                   lease_id = NULL, lease_until = NULL, next_attempt_at = now(), sent_looks = 0,
                   sent_looked_at = NULL, provider_code = NULL, failure_reason = NULL, failure_advice = NULL,
                   failure_code = NULL,
                   updated_at = now()
               WHERE id = %s AND status = %s AND direction = 'outbound'""",
            (message_id, status),
        )
    )


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A queued message that no worker has claimed."""

    organization_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class ExpiredRow:
    """A message whose worker's lease has run out without an outcome."""

    organization_id: UUID
    id: UUID
    thread_id: UUID


def due_but_waiting(transaction: Transaction, *, older_than_s: int, limit: int) -> list[WaitingRow]:
    """Return queued messages that were due more than `older_than_s` ago, the oldest first; for the system scope."""
    return transaction.all_of(
        WaitingRow,
        """SELECT organization_id, id FROM messages
           WHERE status = 'queued' AND next_attempt_at < now() - make_interval(secs => %s)
           ORDER BY next_attempt_at LIMIT %s""",
        (older_than_s, limit),
    )


def with_expired_lease(transaction: Transaction, *, limit: int) -> list[ExpiredRow]:
    """Return messages whose lease has run out while they were being sent, the oldest first; for the system scope."""
    return transaction.all_of(
        ExpiredRow,
        """SELECT organization_id, id, thread_id FROM messages
           WHERE status = 'sending' AND lease_until < now() ORDER BY lease_until LIMIT %s""",
        (limit,),
    )


def expire_lease(transaction: Transaction, *, message_id: UUID) -> bool:
    """Set a message whose lease has run out without an outcome to `unknown`; False if it has an outcome by now."""
    return bool(
        transaction.execute(
            """UPDATE messages
               SET status = 'unknown', lease_until = NULL, updated_at = now(),
                   failure_reason = 'The sender stopped before the provider''s answer was recorded',
                   failure_advice = 'Wait for a delivery report, or ask the customer before sending again'
               WHERE id = %s AND status = 'sending' AND lease_until < now()""",
            (message_id,),
        )
    )


_FAIL = """
    UPDATE messages
    SET status = 'failed', failure_reason = %s, failure_advice = %s, took_nothing = true, lease_until = NULL,
        updated_at = now()
    WHERE direction = 'outbound' AND status = 'queued'
"""
