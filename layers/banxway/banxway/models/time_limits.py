"""How long the database works and waits for a function, by the function's kind.

    statement_ms   one statement, its waiting included: statement_timeout
    lock_ms        waiting for a row that another transaction has locked: lock_timeout
    idle_ms        standing still inside a transaction: idle_in_transaction_session_timeout

Each limit is local to the transaction, so that a pooler may hand the connection on. The third one ends a holder that
stops between locking rows and COMMIT, such as an instance that Lambda has frozen: without it, such a holder blocks
its organization until somebody ends it by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Three limits in milliseconds."""

    statement_ms: int
    lock_ms: int
    idle_ms: int

    @property
    def beginning(self) -> str:
        """Return the statements that begin a transaction with these limits, to be sent in one round trip.

        The limit of a statement is not among them: the call that enters a scope gives it.
        """
        return (
            f"BEGIN; SET LOCAL lock_timeout = {self.lock_ms}; "
            f"SET LOCAL idle_in_transaction_session_timeout = {self.idle_ms}"
        )


WORKER = TimeLimits(statement_ms=10_000, lock_ms=8_000, idle_ms=30_000)
LIMITS: Mapping[str, TimeLimits] = {
    # A person waits, and API Gateway gives up after 30 s.
    "endpoint": TimeLimits(statement_ms=5_000, lock_ms=4_000, idle_ms=10_000),
    "socket": TimeLimits(statement_ms=5_000, lock_ms=4_000, idle_ms=10_000),
    # A queue repeats the item.
    "worker": WORKER,
    # The next tick looks again: a timer waits less long than the work that it looks for.
    "timer": TimeLimits(statement_ms=10_000, lock_ms=4_000, idle_ms=10_000),
    # By hand or in a deployment: somebody reads what it says.
    "deployment": WORKER,
}
"""The limits of each kind of function that has a database (docs/operations.md repeats them); a webhook has none."""
