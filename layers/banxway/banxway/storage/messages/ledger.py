"""The ledger: every change of a message's status happens here, each as one conditional UPDATE.

    queued ──claim──▶ sending ──settle──▶ accepted ──settle──▶ sent ──settle──▶ delivered ──settle──▶ read
      ▲                  │ │ └──settle──▶ failed        (from any status that is weaker)
      │                  │ └─expire_lease─▶ unknown ──settle──▶ whatever evidence says
      ├──requeue · pause─┘
      ├──queue_again── failed, unknown                  (on a person's word)
      └──fail_on_channel · fail_of_mailbox──▶ failed    (what waited, nothing was sent)

    received ──mark_as_ours──▶ sent                     (a mail that a Sent folder proves to be ours)

`settle` folds evidence by strength (models/messages/statuses.py), so that the order in which reports arrive does
not matter. Of two workers with the same message, one `claim` yields it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus, strongest
from banxway.storage.database import Transaction
from banxway.storage.messages import messages
from banxway.storage.messages.rows import COLUMNS, MessageRow

_TAKEN = (MessageStatus.ACCEPTED, MessageStatus.SENT)


def claim(transaction: Transaction, *, message_id: UUID, lease_id: UUID, lease_s: int) -> MessageRow | None:
    """Take a queued message for sending, if it is due and nobody has; None otherwise.

    This one UPDATE is what makes at-least-once queues harmless: of any number of workers, one gets a row.
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
    """Put a claimed message back, on proof that nothing was accepted; False if evidence says otherwise."""
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


# A reason is replaced with the status that it explains; another report of the same status keeps it.
_SETTLE = """
    UPDATE messages
    SET status = %(status)s, provider_sid = coalesce(provider_sid, %(sid)s), lease_until = NULL,
        took_nothing = CASE WHEN %(news)s THEN %(took_nothing)s ELSE took_nothing END,
        provider_code = CASE WHEN %(news)s THEN %(code)s ELSE provider_code END,
        failure_reason = CASE WHEN %(news)s THEN %(reason)s ELSE failure_reason END,
        failure_advice = CASE WHEN %(news)s THEN %(advice)s ELSE failure_advice END,
        failure_code = CASE WHEN %(news)s THEN %(kind)s ELSE failure_code END,
        updated_at = now()
    WHERE id = %(id)s
"""


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
    """Fold one more piece of evidence into a message's status; returns the new status if it changed.

    `failure_code` is the stable word of the error that ended it, where it was one of ours. `took_nothing` says that
    a failure proves that nobody got anything: only then may a person send it again.
    The status is the strongest of what is known (models/messages/statuses.py), so that the order in which our own
    answer, callbacks and expiries arrive does not matter. The row is locked while it is decided.
    """
    row = transaction.one("SELECT status FROM messages WHERE id = %s FOR NO KEY UPDATE", (message_id,))
    if row is None:
        return None
    status = strongest((row["status"], outcome))
    is_news = status != row["status"]
    went_wrong = is_news and status in (MessageStatus.FAILED, MessageStatus.UNKNOWN)
    given = (provider_code, reason, advice, failure_code) if went_wrong else (None,) * 4
    why = dict(zip(("code", "reason", "advice", "kind"), given, strict=True))
    # An earlier attempt that was taken may have reached somebody, whatever a later one proves of itself.
    took_nothing = took_nothing and went_wrong and row["status"] not in _TAKEN
    values = {"status": status, "sid": provider_sid, "news": is_news, "id": message_id}
    transaction.execute(_SETTLE, values | {"took_nothing": took_nothing, **why})
    return status if is_news else None


def settle_sent(transaction: Transaction, message_id: UUID) -> bool:
    """Note that the mail was found in Sent; False if its status said as much or more already."""
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
    """Note that received messages proved to be our own, lying in a Sent folder: each with its recipient."""
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
    """A message that was failed."""

    id: UUID
    thread_id: UUID


def fail_on_channel(transaction: Transaction, *, channel: str, reason: str, advice: str) -> list[FailedRow]:
    """Fail every queued message of a channel; returns {id, thread_id} of each. One that is leaving stays."""
    return transaction.all_of(
        FailedRow, _FAIL + " AND channel = %s RETURNING id, thread_id", (reason, advice, channel)
    )


def fail_of_mailbox(
    transaction: Transaction, *, account_id: UUID, reason: str, advice: str
) -> list[FailedRow]:
    """Fail every queued mail of a mailbox; returns {id, thread_id} of each. One that is leaving stays."""
    return transaction.all_of(
        FailedRow, _FAIL + " AND email_account_id = %s RETURNING id, thread_id", (reason, advice, account_id)
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


def pause(
    transaction: Transaction, *, message_id: UUID, lease_id: UUID, pause_s: float, reason: str, advice: str
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
            (reason, advice, pause_s, message_id, lease_id),
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


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A queued message that nobody has taken."""

    organization_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class ExpiredRow:
    """A message whose sender died."""

    organization_id: UUID
    id: UUID
    thread_id: UUID


def due_but_waiting(transaction: Transaction, *, older_than_s: int, limit: int) -> list[WaitingRow]:
    """Return {organization_id, id} of queued messages that nobody has taken for so long; for the system."""
    return transaction.all_of(
        WaitingRow,
        """SELECT organization_id, id FROM messages
           WHERE status = 'queued' AND next_attempt_at < now() - make_interval(secs => %s)
           ORDER BY next_attempt_at LIMIT %s""",
        (older_than_s, limit),
    )


def with_expired_lease(transaction: Transaction, *, limit: int) -> list[ExpiredRow]:
    """Return {organization_id, id, thread_id} of messages whose sender died; for the system scope."""
    return transaction.all_of(
        ExpiredRow,
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
