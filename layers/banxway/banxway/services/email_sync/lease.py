"""The right to write about a mailbox, and the progress of its poll."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import Conflict
from banxway.services.email_sync.troubles import Attention
from banxway.storage.database import Database, Transaction
from banxway.storage.email_sync import leases
from banxway.storage.email_sync.leases import TakenAccount

LEASE_S = 90


class LeaseLost(Conflict):
    """Raised when another poller has taken the mailbox over. Nothing more may be written about it."""


class Lease:
    """One poller's right to a mailbox; every write about it goes through `writing`."""

    def __init__(self, database: Database, account: TakenAccount) -> None:
        self._database = database
        self.account = account
        self.account_id: UUID = account.id
        self.organization_id: UUID = account.organization_id
        self.fence: int = account.fence

    @contextmanager
    def scope(self) -> Iterator[Transaction]:
        """Open a transaction in the mailbox's organization; statements that write must name the fence themselves."""
        with self._database.organization(self.organization_id) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a transaction that writes about the mailbox and renews the lease. Raises LeaseLost."""
        with self._database.organization(self.organization_id, timeout_ms=30_000) as transaction:
            if not leases.renew(transaction, account_id=self.account_id, fence=self.fence, lease_s=LEASE_S):
                raise LeaseLost("Another poller has taken this mailbox over")
            yield transaction


@dataclass
class Progress:
    """What a poll has done so far, and when it must end: `deadline` is by the monotonic clock."""

    deadline: float
    clock: Clock
    new_messages: int = 0
    new_threads: int = 0
    # Something was stored or changed that open browsers have not been notified of.
    has_changes: bool = False
    more_waits: bool = False
    attention: Attention | None = None
    queued: list[UUID] = field(default_factory=list)

    def is_over(self) -> bool:
        """Return whether the time is up; another poll continues with the rest at once."""
        self.more_waits = self.more_waits or self.clock.monotonic() > self.deadline
        return self.more_waits

    def add(self, *, messages: int, threads: int, queued: Sequence[UUID], has_changes: bool) -> None:
        """Add what was filed to the counts."""
        self.new_messages += messages
        self.new_threads += threads
        self.has_changes = self.has_changes or has_changes
        self.queued.extend(queued)
