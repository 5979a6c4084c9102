"""Outbound messages that wait: held back, taken by a sender that died, sent anew, or not to be sent any more.

A message that is taken and settled is in storage/messages/messages.py.
"""

from uuid import UUID

from banxway.storage.database import Row, Transaction


def fail_on_channel(transaction: Transaction, *, channel: str, reason: str, advice: str) -> list[Row]:
    """Fail every queued message of a channel; returns {id, thread_id} of each. One that is leaving stays."""
    return transaction.all(_FAIL + " AND channel = %s RETURNING id, thread_id", (reason, advice, channel))


def fail_of_mailbox(transaction: Transaction, *, account_id: UUID, reason: str, advice: str) -> list[Row]:
    """Fail every queued mail of a mailbox; returns {id, thread_id} of each. One that is leaving stays."""
    return transaction.all(
        _FAIL + " AND email_account_id = %s RETURNING id, thread_id", (reason, advice, account_id)
    )


def release_of_mailbox(transaction: Transaction, account_id: UUID) -> None:
    """Let the mails of a mailbox that were held leave; the sweeper finds them within a minute."""
    transaction.execute(
        """UPDATE messages
           SET next_attempt_at = now() - interval '1 minute', failure_reason = NULL, failure_advice = NULL,
               updated_at = now()
           WHERE direction = 'outbound' AND status = 'queued' AND email_account_id = %s
             AND next_attempt_at > now()""",
        (account_id,),
    )


def hold(
    transaction: Transaction, *, message_id: UUID, lease_id: UUID, hold_s: float, reason: str, advice: str
) -> bool:
    """Put a claimed message back without an attempt having been made, saying why it waits.

    False if evidence says otherwise.
    """
    return bool(
        transaction.execute(
            """UPDATE messages
               SET status = 'queued', lease_id = NULL, lease_until = NULL, updated_at = now(),
                   attempts = attempts - 1, attempted_at = NULL, failure_reason = %s, failure_advice = %s,
                   next_attempt_at = now() + make_interval(secs => %s)
               WHERE id = %s AND lease_id = %s AND status = 'sending'""",
            (reason, advice, hold_s, message_id, lease_id),
        )
    )


def queue_again(transaction: Transaction, *, message_id: UUID, status: str) -> bool:
    """Let a message that failed or is unknown be sent anew; False if its status is not that one any more."""
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


def due_but_waiting(transaction: Transaction, *, older_than_s: int, limit: int) -> list[Row]:
    """Return {organization_id, id} of queued messages that nobody has taken for so long; for the system."""
    return transaction.all(
        """SELECT organization_id, id FROM messages
           WHERE status = 'queued' AND next_attempt_at < now() - make_interval(secs => %s)
           ORDER BY next_attempt_at LIMIT %s""",
        (older_than_s, limit),
    )


def with_expired_lease(transaction: Transaction, *, limit: int) -> list[Row]:
    """Return {organization_id, id, thread_id} of messages whose sender died; for the system scope."""
    return transaction.all(
        """SELECT organization_id, id, thread_id FROM messages
           WHERE status = 'sending' AND lease_until < now() ORDER BY lease_until LIMIT %s""",
        (limit,),
    )


def expire_lease(transaction: Transaction, *, message_id: UUID) -> bool:
    """Turn a message whose lease ran out without an outcome into `unknown`; False if it has one by now."""
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
