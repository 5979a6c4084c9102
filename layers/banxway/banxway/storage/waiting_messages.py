"""Outbound messages that nobody has taken yet, and that nobody shall take any more."""

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


_FAIL = """
    UPDATE messages
    SET status = 'failed', failure_reason = %s, failure_advice = %s, lease_until = NULL, updated_at = now()
    WHERE direction = 'outbound' AND status = 'queued'
"""
