"""Who polls a mailbox and when: due times, the lease that keeps one poller on each, and what a poll came to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from banxway.storage.database import Transaction
from banxway.storage.email_accounts import COLUMNS, AccountRow


@dataclass(frozen=True, slots=True)
class DueRow:
    """A mailbox that falls due.

    `due_in_s` is negative for one that is overdue. `is_pushed` means that IDLE is to be held on it, `is_leased`
    that somebody polls it right now, `is_failing` that its last poll failed.
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
    """A mailbox whose lease was taken, and which worker process keeps a connection to it between polls."""

    is_kept_here: bool
    is_kept_elsewhere: bool


@dataclass(frozen=True, slots=True)
class HeldLease:
    """What the holder of a lease must notice while it lasts."""

    poll_requested_at: datetime | None
    updated_at: datetime
    lease_left_s: float


@dataclass(frozen=True, slots=True)
class ServedPoll:
    """What the poll found that answered a request."""

    new_messages: int
    new_threads: int
    poll_duration_ms: int
    last_polled_at: datetime


def list_due(transaction: Transaction, *, within_s: int, limit: int) -> list[DueRow]:
    """Return the mailboxes that fall due, the most overdue first; for the system scope.

    A leased one counts, too, since it may fall due again before the next tick.
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


class When(StrEnum):
    """When a mailbox may be taken: once it is due, also before that unless its polls fail, or at any time."""

    DUE = "due"
    WELL = "well"
    ANY = "any"


def take(
    transaction: Transaction, *, account_id: UUID, lease_s: int, when: When, holder: UUID
) -> TakenAccount | None:
    """Become the one poller of a mailbox, raising its fence; None if somebody else is, or it may not be taken.

    `is_kept_here` and `is_kept_elsewhere` say which worker process keeps a connection to it between polls:
    the one of this holder's id, or another whose time is not over.
    """
    return transaction.one_of(
        TakenAccount,
        f"""UPDATE email_accounts
           SET lease_until = now() + make_interval(secs => %(lease)s), fence = fence + 1
           WHERE id = %(id)s AND imap_enabled AND (lease_until IS NULL OR lease_until < now())
             AND (%(when)s = 'any' OR next_poll_at <= now() + interval '1 second'
                  OR (%(when)s = 'well' AND consecutive_failures = 0))
           RETURNING {COLUMNS}, connection_holder IS NOT DISTINCT FROM %(holder)s::uuid AS is_kept_here,
               (connection_holder <> %(holder)s::uuid AND connection_kept_until > now()) IS TRUE
                   AS is_kept_elsewhere""",  # noqa: S608  # our own column names
        {"lease": lease_s, "id": account_id, "when": when, "holder": holder},
    )


def waits_for_keeper(transaction: Transaction, *, account_id: UUID, holder: UUID) -> bool:
    """Say whether a mailbox is due, polled by nobody, and kept a connection to by another process than this."""
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
    """Keep the lease; False if it was lost, and then nothing more may be written."""
    return bool(
        transaction.execute(
            "UPDATE email_accounts SET lease_until = now() + make_interval(secs => %s) WHERE id = %s AND fence = %s",
            (lease_s, account_id, fence),
        )
    )


def look(transaction: Transaction, *, account_id: UUID, fence: int) -> HeldLease | None:
    """Return what whoever holds a lease for long must notice; None if the lease was lost or polling stopped."""
    return transaction.one_of(
        HeldLease,
        """SELECT poll_requested_at, updated_at, extract(epoch FROM lease_until - now())::float AS lease_left_s
           FROM email_accounts WHERE id = %s AND fence = %s AND imap_enabled""",
        (account_id, fence),
    )


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll that worked came to.

    `complaint` is what an admin should see to, although it worked.
    `served` is the request that it answers. `keeps_for_s` is how long the holder's connection is kept open, 0
    if it is closed. `keeps_lease` is for a holder of IDLE, who goes on.
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
        """The mailbox's state after it."""
        return "needs_attention" if self.complaint else "ok"


def finish(transaction: Transaction, *, account_id: UUID, fence: int, polled: Polled) -> datetime | None:
    """Note a poll that worked and plan the next; returns when this one ended, None if the lease was lost.

    The next is counted from when this one was due, not from its end: else the moments for which the tick has
    enqueued the mailbox would each come a little too early.
    """
    row = transaction.one(
        """UPDATE email_accounts
           SET last_polled_at = clock_timestamp(), last_poll_error = %(complaint)s, consecutive_failures = 0,
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
    state: str,
    wait_s: float,
    holder: UUID,
) -> AccountRow | None:
    """Note a poll that failed, plan the next and give the lease back; returns the mailbox's row.

    None if the lease was lost: then the mailbox is somebody else's to speak of.
    """
    return transaction.one_of(
        AccountRow,
        f"""UPDATE email_accounts
           SET last_poll_error = %(error)s, consecutive_failures = consecutive_failures + 1,
               state_since = CASE WHEN state = %(state)s THEN state_since ELSE now() END, state = %(state)s,
               last_failed_at = now(), poll_requested_at = NULL, lease_until = NULL,
               connection_kept_until = CASE WHEN connection_holder = %(holder)s THEN NULL
                                            ELSE connection_kept_until END,
               connection_holder = nullif(connection_holder, %(holder)s),
               next_poll_at = now() + make_interval(secs => %(wait)s)
           WHERE id = %(id)s AND fence = %(fence)s RETURNING {COLUMNS}""",  # noqa: S608  # our own column names
        {
            "error": error,
            "state": state,
            "holder": holder,
            "wait": wait_s,
            "id": account_id,
            "fence": fence,
        },
    )


def release(transaction: Transaction, *, account_id: UUID, fence: int, holder: UUID) -> None:
    """Give a lease back that was held beyond its last poll, and with it the connection; the rest stays."""
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
    """Note that the server has no IDLE: for a day the tick has the mailbox polled instead."""
    transaction.execute("UPDATE email_accounts SET idle_refused_at = now() WHERE id = %s", (account_id,))


def request(transaction: Transaction, account_id: UUID) -> datetime:
    """Ask whoever holds the mailbox to poll it; it falls due for anybody else. Returns the request's time.

    One whose polls fail keeps its distance.
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
    """Return how long ago a poll of a mailbox last failed; None if none ever did."""
    row = transaction.one(
        "SELECT extract(epoch FROM now() - last_failed_at)::float AS ago FROM email_accounts WHERE id = %s",
        (account_id,),
    )
    return row["ago"] if row else None


def find_served(transaction: Transaction, account_id: UUID, *, asked_at: datetime) -> ServedPoll | None:
    """Return what the poll found that answered a request, as PollResult's fields; None while it is to come."""
    return transaction.one_of(
        ServedPoll,
        """SELECT last_poll_messages AS new_messages, last_poll_threads AS new_threads,
                  round(extract(epoch FROM last_polled_at - %(at)s) * 1000)::int AS poll_duration_ms, last_polled_at
           FROM email_accounts
           WHERE id = %(id)s AND poll_requested_at IS NULL AND last_polled_at > %(at)s""",
        {"at": asked_at, "id": account_id},
    )
