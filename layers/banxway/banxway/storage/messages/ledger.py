"""The ledger: every change of a message's status happens here, each as one conditional UPDATE.

    queued ──claim──▶ sending ──settle──▶ accepted ──settle──▶ sent ──settle──▶ delivered ──settle──▶ read
      ▲                  │ │ └──settle──▶ failed        (from any status that is weaker)
      │                  │ └─expire_lease─▶ unknown ──settle──▶ what the evidence shows
      │                  │                              (after begin_hand_over: the provider may have it)
      ├──requeue · pause─┤
      ├──expire_lease────┘                              (before it: nothing was sent; failed after five attempts)
      ├──queue_again── failed, unknown                  (on a person's word)
      └──fail_on_channel · fail_of_mailbox · fail_waiting──▶ failed    (what waited, nothing was sent)

    received ──mark_as_ours──▶ sent                     (a mail that a Sent folder proves to be ours)

`settle` keeps the strongest status that is known (models/messages/statuses.py), so the order in which reports
arrive does not matter; settling.py does the same for a set. Of two workers that claim the same message, one gets it.
Of one organization's messages a set number is `sending` in each queue; the others stay `queued` until a slot is free
(due.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.messages.delivering import InFlight
from banxway.models.messages.statuses import MessageStatus
from banxway.storage.database import Transaction
from banxway.storage.messages import messages, settling
from banxway.storage.messages.rows import COLUMNS, MessageRow
from banxway.storage.messages.settling import Evidence


def claim(
    transaction: Transaction, *, message_id: UUID, lease_id: UUID, lease_s: int, in_flight: InFlight
) -> MessageRow | None:
    """Claim a queued message that is due for sending.

    None if it is not due, if another worker has claimed it, or if its organization has as many messages in flight in
    its queue as it may. Then nothing has changed, and it is enqueued again when a slot is free (due.py).
    This one UPDATE makes at-least-once queues harmless: of any number of workers, one gets the row.
    """
    return transaction.one_of(
        MessageRow,
        f"""UPDATE messages
           SET status = 'sending', lease_id = %s, lease_until = now() + make_interval(secs => %s),
               hand_over_began_at = NULL, attempts = attempts + 1, attempted_at = now(), updated_at = now()
           WHERE id = %s AND status = 'queued' AND next_attempt_at <= now()
             AND locked_in_flight(channels_beside(channel, %s::jsonb)) < %s
           RETURNING {COLUMNS}""",  # noqa: S608  # our own column names
        (lease_id, lease_s, message_id, json.dumps(in_flight.channels_of), in_flight.most),
    )


def begin_hand_over(transaction: Transaction, *, message_id: UUID, lease_id: UUID) -> bool:
    """Record that the message is about to be given to its provider; False if it must not be.

    False means that its claim is over, or that evidence has settled it. From the commit on, only evidence says what
    became of it, unless the worker that claimed it proves that nothing was taken.
    """
    return bool(
        transaction.execute(
            """UPDATE messages SET hand_over_began_at = now(), updated_at = now()
               WHERE id = %s AND lease_id = %s AND status = 'sending' AND lease_until > now()""",
            (message_id, lease_id),
        )
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


def fail_waiting(
    transaction: Transaction, message_ids: Sequence[UUID], *, reason: str, advice: str
) -> list[FailedRow]:
    """Set those of these messages that are queued to failed, and return them; others do not change."""
    return transaction.all_of(
        FailedRow, _FAIL + " AND id = ANY (%s) RETURNING id, thread_id", (reason, advice, list(message_ids))
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
class ExpiredRow:
    """A message whose worker's lease has run out without an outcome."""

    organization_id: UUID
    id: UUID
    thread_id: UUID
    channel: str


def with_expired_lease(transaction: Transaction, *, limit: int) -> list[ExpiredRow]:
    """Return messages whose lease has run out while they were being sent, the oldest first; for the system scope."""
    return transaction.all_of(
        ExpiredRow,
        """SELECT organization_id, id, thread_id, channel FROM messages
           WHERE status = 'sending' AND lease_until < now() ORDER BY lease_until LIMIT %s""",
        (limit,),
    )


def expire_lease(transaction: Transaction, *, message_id: UUID, most_attempts: int) -> MessageStatus | None:
    """End a lease that has run out without an outcome, and return the new status; None if it has an outcome by now.

    `unknown` if the hand-over had begun. Else nothing was sent: `queued` and due at once, or after `most_attempts`
    `failed`.
    """
    row = transaction.one(_EXPIRE, {"id": message_id, "most": most_attempts})
    return MessageStatus(row["status"]) if row else None


_EXPIRE = """
    UPDATE messages m
    SET status = ended.status, lease_id = CASE WHEN ended.status = 'unknown' THEN m.lease_id END, lease_until = NULL,
        next_attempt_at = CASE WHEN ended.status = 'queued' THEN now() ELSE m.next_attempt_at END,
        took_nothing = ended.status = 'failed', updated_at = now(),
        failure_reason = CASE ended.status
            WHEN 'unknown' THEN 'The sender stopped before the provider''s answer was recorded'
            WHEN 'failed' THEN 'The sender stopped each time before it gave the message to the provider' END,
        failure_advice = CASE ended.status
            WHEN 'unknown' THEN 'Wait for a delivery report, or ask the customer before sending again'
            WHEN 'failed' THEN 'Nothing was sent: send it again' END
    FROM (SELECT id, CASE WHEN hand_over_began_at IS NOT NULL THEN 'unknown'
                          WHEN attempts < %(most)s THEN 'queued' ELSE 'failed' END AS status
          FROM messages WHERE id = %(id)s AND status = 'sending' AND lease_until < now() FOR NO KEY UPDATE) AS ended
    WHERE m.id = ended.id
    RETURNING m.status
"""
_FAIL = """
    UPDATE messages
    SET status = 'failed', failure_reason = %s, failure_advice = %s, took_nothing = true, lease_until = NULL,
        updated_at = now()
    WHERE direction = 'outbound' AND status = 'queued'
"""
