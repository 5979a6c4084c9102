"""Which worker polls a mailbox and when: due times, the lease that allows one poller, and the result of a poll."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from banxway.storage.database import Transaction
from banxway.storage.email_accounts import COLUMNS, AccountRow


@dataclass(frozen=True, slots=True)
class DueRow:
    """A mailbox that falls due in `due_in_s` seconds; a negative number means that it is overdue.

    `is_leased` means that a worker polls it now, `is_failing` that its last poll failed, and `is_pushed` that IDLE is
    to be held on it.
    """

    organization_id: UUID
    id: UUID
    due_in_s: float
    interval_s: float
    is_leased: bool
    is_failing: bool
    is_pushed: bool


@dataclass(frozen=True, slots=True)
class TakenAccount(AccountRow):
    """A mailbox whose lease was taken, and whether this or another process keeps a connection to it between polls."""

    is_kept_here: bool
    is_kept_elsewhere: bool


@dataclass(frozen=True, slots=True)
class HeldLease:
    """What the holder of a lease must watch while IDLE lasts."""

    poll_requested_at: datetime | None
    updated_at: datetime
    lease_left_s: float


@dataclass(frozen=True, slots=True)
class ServedPoll:
    """What the poll found that a person had requested; `poll_duration_ms` counts from the request."""

    new_messages: int
    new_threads: int
    poll_duration_ms: int
    last_polled_at: datetime


def list_due(transaction: Transaction, *, within_s: int, limit: int) -> list[DueRow]:
    """Return the mailboxes that fall due within `within_s`, the most overdue first; for the system scope.

    Leased ones are included, since they may fall due again before the next tick.
    """
    return transaction.all_of(
        DueRow,
        """SELECT organization_id, id,
                  extract(epoch FROM next_poll_at - now())::float AS due_in_s,
                  poll_interval_ms / 1000.0::float AS interval_s,
                  lease_until > now() IS TRUE AS is_leased, consecutive_failures > 0 AS is_failing,
                  uses_idle AND (idle_refused_at IS NULL OR idle_refused_at < now() - interval '1 day')
                      AND state IN ('ok', 'needs_attention') AS is_pushed
           FROM email_accounts
           WHERE imap_enabled AND next_poll_at < now() + make_interval(secs => %s)
           ORDER BY next_poll_at LIMIT %s""",
        (within_s, limit),
    )


class TakeCondition(StrEnum):
    """When the lease may be taken: DUE only when due; HEALTHY also early, if the last poll worked; ANY always."""

    DUE = "due"
    HEALTHY = "healthy"
    ANY = "any"


def take(
    transaction: Transaction, *, account_id: UUID, lease_s: int, when: TakeCondition, holder: UUID
) -> TakenAccount | None:
    """Lease a mailbox for one poller and raise its fence; None if another one leases it, or `when` forbids it.

    `is_kept_here` and `is_kept_elsewhere` of the row say which process keeps a connection to it between polls:
    the process `holder`, or another one whose time is not over.
    """
    return transaction.one_of(
        TakenAccount,
        f"""UPDATE email_accounts
           SET lease_until = now() + make_interval(secs => %(lease)s), fence = fence + 1
           WHERE id = %(id)s AND imap_enabled AND (lease_until IS NULL OR lease_until < now())
             AND (%(when)s = 'any' OR next_poll_at <= now() + interval '1 second'
                  OR (%(when)s = 'healthy' AND consecutive_failures = 0))
           RETURNING {COLUMNS}, connection_holder IS NOT DISTINCT FROM %(holder)s::uuid AS is_kept_here,
               (connection_holder <> %(holder)s::uuid AND connection_kept_until > now()) IS TRUE
                   AS is_kept_elsewhere""",  # noqa: S608  # our own column names
        {"lease": lease_s, "id": account_id, "when": when, "holder": holder},
    )


def waits_for_keeper(transaction: Transaction, *, account_id: UUID, holder: UUID) -> bool:
    """Return whether the mailbox is due and unleased while another process still keeps a connection to it."""
    return bool(
        transaction.one(
            """SELECT 1 FROM email_accounts
               WHERE id = %(id)s AND imap_enabled AND (lease_until IS NULL OR lease_until < now())
                 AND next_poll_at <= now() + interval '1 second'
                 AND connection_holder <> %(holder)s::uuid AND connection_kept_until > now()""",
            {"id": account_id, "holder": holder},
        )
    )


def renew(transaction: Transaction, *, account_id: UUID, fence: int, lease_s: int) -> bool:
    """Extend the lease; False if it was lost: then the poller must write nothing more."""
    return bool(
        transaction.execute(
            "UPDATE email_accounts SET lease_until = now() + make_interval(secs => %s) WHERE id = %s AND fence = %s",
            (lease_s, account_id, fence),
        )
    )


def find_held(transaction: Transaction, *, account_id: UUID, fence: int) -> HeldLease | None:
    """Return what the holder of a long lease must watch; None if the lease was lost or polling was switched off."""
    return transaction.one_of(
        HeldLease,
        """SELECT poll_requested_at, updated_at, extract(epoch FROM lease_until - now())::float AS lease_left_s
           FROM email_accounts WHERE id = %s AND fence = %s AND imap_enabled""",
        (account_id, fence),
    )


@dataclass(frozen=True, slots=True)
class Polled:
    """The result of a poll that worked.

    `served` is the time of the request that it answers. `keeps_for_s` is for how many seconds the holder keeps its
    connection open, 0 if it is closed. `keeps_lease` is for a holder of IDLE, who goes on. `complaint` names what an
    admin should repair although the poll worked.
    """

    new_messages: int
    new_threads: int
    more_waits: bool
    served: datetime | None
    holder: UUID
    keeps_for_s: int = 0
    keeps_lease: bool = False
    complaint: str | None = None

    @property
    def state(self) -> str:
        """The mailbox's state after the poll."""
        return "needs_attention" if self.complaint else "ok"


def finish(transaction: Transaction, *, account_id: UUID, fence: int, polled: Polled) -> datetime | None:
    """Record a poll that worked and plan the next one; returns when it ended, None if the lease was lost.

    The next poll is due one interval after this one was due, not after its end: otherwise each time for which the
    tick has enqueued the mailbox would be a little too early.
    """
    row = transaction.one(
        """UPDATE email_accounts
           SET last_polled_at = clock_timestamp(), last_poll_reason = NULL,
               last_poll_error = %(complaint)s, consecutive_failures = 0,
               state_since = CASE WHEN state = %(state)s THEN state_since ELSE now() END, state = %(state)s,
               last_poll_messages = %(messages)s, last_poll_threads = %(threads)s,
               lease_until = CASE WHEN %(keeps_lease)s THEN lease_until END,
               poll_requested_at = CASE WHEN poll_requested_at IS DISTINCT FROM %(served)s::timestamptz
                                        THEN poll_requested_at END,
               connection_holder = CASE WHEN %(kept)s > 0 THEN %(holder)s::uuid
                                        WHEN connection_holder = %(holder)s::uuid THEN NULL
                                        ELSE connection_holder END,
               connection_kept_until = CASE WHEN %(kept)s > 0 THEN now() + make_interval(secs => %(kept)s)
                                            WHEN connection_holder = %(holder)s::uuid THEN NULL
                                            ELSE connection_kept_until END,
               next_poll_at = CASE WHEN %(more_waits)s THEN now() ELSE least(
                   greatest(next_poll_at + make_interval(secs => poll_interval_ms / 1000.0), now()),
                   now() + make_interval(secs => poll_interval_ms / 1000.0)) END
           WHERE id = %(id)s AND fence = %(fence)s RETURNING last_polled_at""",
        {
            "complaint": polled.complaint,
            "state": polled.state,
            "messages": polled.new_messages,
            "threads": polled.new_threads,
            "keeps_lease": polled.keeps_lease,
            "served": polled.served,
            "kept": polled.keeps_for_s,
            "holder": polled.holder,
            "more_waits": polled.more_waits,
            "id": account_id,
            "fence": fence,
        },
    )
    return row["last_polled_at"] if row else None


def fail(
    transaction: Transaction,
    *,
    account_id: UUID,
    fence: int,
    error: str,
    reason: str | None,
    state: str,
    wait_s: float,
    holder: UUID,
) -> AccountRow | None:
    """Record a poll that failed, plan the next one and end the lease; returns the mailbox's row.

    Returns None if the lease was lost: then another poller reports on the mailbox.
    """
    return transaction.one_of(
        AccountRow,
        f"""UPDATE email_accounts
           SET last_poll_error = %(error)s, last_poll_reason = %(reason)s,
               consecutive_failures = consecutive_failures + 1,
               state_since = CASE WHEN state = %(state)s THEN state_since ELSE now() END, state = %(state)s,
               last_failed_at = now(), poll_requested_at = NULL, lease_until = NULL,
               connection_kept_until = CASE WHEN connection_holder = %(holder)s THEN NULL
                                            ELSE connection_kept_until END,
               connection_holder = nullif(connection_holder, %(holder)s),
               next_poll_at = now() + make_interval(secs => %(wait)s)
           WHERE id = %(id)s AND fence = %(fence)s RETURNING {COLUMNS}""",  # noqa: S608  # our own column names
        {
            "error": error,
            "reason": reason,
            "state": state,
            "holder": holder,
            "wait": wait_s,
            "id": account_id,
            "fence": fence,
        },
    )


def release(transaction: Transaction, *, account_id: UUID, fence: int, holder: UUID) -> None:
    """End a lease that lasted beyond its last poll, and forget its kept connection; nothing else changes."""
    transaction.execute(
        """UPDATE email_accounts
           SET lease_until = NULL,
               connection_kept_until = CASE WHEN connection_holder = %(holder)s THEN NULL
                                            ELSE connection_kept_until END,
               connection_holder = nullif(connection_holder, %(holder)s)
           WHERE id = %(id)s AND fence = %(fence)s""",
        {"id": account_id, "fence": fence, "holder": holder},
    )


def refuse_idle(transaction: Transaction, account_id: UUID) -> None:
    """Record that the server does not support IDLE: for a day the mailbox is polled at its interval instead."""
    transaction.execute("UPDATE email_accounts SET idle_refused_at = now() WHERE id = %s", (account_id,))


def request_poll(transaction: Transaction, account_id: UUID) -> datetime:
    """Request a poll of the mailbox from its present holder, make it due for others, and return the request's time.

    A mailbox whose polls fail is not made due: its delay stays.
    """
    row = transaction.single(
        """UPDATE email_accounts
           SET poll_requested_at = clock_timestamp(),
               next_poll_at = CASE WHEN consecutive_failures = 0 THEN least(next_poll_at, now())
                                   ELSE next_poll_at END
           WHERE id = %s RETURNING poll_requested_at""",
        (account_id,),
    )
    at: datetime = row["poll_requested_at"]
    return at


def seconds_since_failure(transaction: Transaction, account_id: UUID) -> float | None:
    """Return how many seconds ago a poll of a mailbox last failed, None if none ever did."""
    row = transaction.one(
        "SELECT extract(epoch FROM now() - last_failed_at)::float AS ago FROM email_accounts WHERE id = %s",
        (account_id,),
    )
    return row["ago"] if row else None


def find_served(transaction: Transaction, account_id: UUID, *, asked_at: datetime) -> ServedPoll | None:
    """Return the result of the poll that answered the request made at `asked_at`; None until that poll has ended."""
    return transaction.one_of(
        ServedPoll,
        """SELECT last_poll_messages AS new_messages, last_poll_threads AS new_threads,
                  round(extract(epoch FROM last_polled_at - %(at)s) * 1000)::int AS poll_duration_ms, last_polled_at
           FROM email_accounts
           WHERE id = %(id)s AND poll_requested_at IS NULL AND last_polled_at > %(at)s""",
        {"at": asked_at, "id": account_id},
    )
