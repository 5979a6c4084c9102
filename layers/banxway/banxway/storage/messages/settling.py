"""Settling: what evidence makes of messages, worked out in memory and stored for any number of them at once.

    standing = lock_all(transaction, ids)             # the messages as they are, locked in the order of their ids
    standing[id] = settled(standing[id], evidence)    # once for each piece of evidence, in order
    save_all(transaction, [standing[id]])

`ledger.settle` does this for one message; the worker of callbacks does it for a set (services/webhooks/folding.py).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus, strongest
from banxway.models.words import Direction
from banxway.storage.database import Transaction

_TAKEN = (MessageStatus.ACCEPTED, MessageStatus.SENT)
_WENT_WRONG = (MessageStatus.FAILED, MessageStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What somebody says about a message's outcome.

    `failure_code` is the stable code of our error that ended the message, if there was one. `took_nothing` says that
    the failure proves that nothing was delivered: only then may a person send the message again.
    """

    outcome: MessageStatus
    provider_sid: str | None = None
    provider_code: str | None = None
    reason: str | None = None
    advice: str | None = None
    failure_code: str | None = None
    took_nothing: bool = False


@dataclass(frozen=True, slots=True)
class StandingRow:
    """What settling reads and changes of a message."""

    id: UUID
    thread_id: UUID
    direction: Direction
    status: MessageStatus
    provider_sid: str | None
    took_nothing: bool
    provider_code: str | None
    failure_reason: str | None
    failure_advice: str | None
    failure_code: str | None

    def __post_init__(self) -> None:
        # Postgres returns the status as a text.
        object.__setattr__(self, "status", MessageStatus(self.status))


_COLUMNS = ", ".join(StandingRow.__slots__)


def settled(row: StandingRow, evidence: Evidence) -> StandingRow:
    """Return a message with this evidence: its status is the strongest that is known.

    The first id that a provider gave stays. A reason is replaced together with the status that it explains; another
    report of the same status keeps it.
    """
    named = replace(row, provider_sid=row.provider_sid or evidence.provider_sid)
    status = strongest((row.status, evidence.outcome))
    if status == row.status:
        return named
    why = evidence if status in _WENT_WRONG else Evidence(status)
    return replace(
        named,
        status=status,
        # An earlier attempt that was accepted may have been delivered, even if a later one proves that it was not.
        took_nothing=why.took_nothing and row.status not in _TAKEN,
        provider_code=why.provider_code,
        failure_reason=why.reason,
        failure_advice=why.advice,
        failure_code=why.failure_code,
    )


def lock_all(transaction: Transaction, message_ids: Collection[UUID]) -> dict[UUID, StandingRow]:
    """Lock these messages until the commit and return those that exist, by id.

    They are locked in the order of their ids: two transactions that need the same ones never block each other.
    """
    # A row that changed while it was waited for is returned as it is now.
    rows = transaction.all_of(
        StandingRow,
        f"SELECT {_COLUMNS} FROM messages WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",  # noqa: S608  # our own column names
        (list(message_ids),),
    )
    return {row.id: row for row in rows}


def save_all(transaction: Transaction, rows: Sequence[StandingRow]) -> None:
    """Store messages as they have been settled, in one statement; each loses its lease."""
    if not rows:
        return
    transaction.execute(
        """UPDATE messages m
           SET status = s.status, provider_sid = s.provider_sid, lease_until = NULL, took_nothing = s.took_nothing,
               provider_code = s.provider_code, failure_reason = s.failure_reason,
               failure_advice = s.failure_advice, failure_code = s.failure_code, updated_at = now()
           FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[],
                       %s::text[])
                AS s (id, status, provider_sid, took_nothing, provider_code, failure_reason, failure_advice,
                      failure_code)
           WHERE m.id = s.id""",
        (
            [row.id for row in rows],
            [row.status.value for row in rows],
            [row.provider_sid for row in rows],
            [row.took_nothing for row in rows],
            [row.provider_code for row in rows],
            [row.failure_reason for row in rows],
            [row.failure_advice for row in rows],
            [row.failure_code for row in rows],
        ),
    )
