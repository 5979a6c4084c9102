"""How much a mailbox has sent: its hourly and daily limits are checked against these counts.

Each recipient counts as one mail, as in the provider's limits. Mails that the provider did not accept do not count;
mails that bounced do. A mail counts from the time at which a worker claimed it, a queued one as if it left now, and
one that another mail program sent from its own time.
"""

from dataclasses import dataclass
from uuid import UUID

from banxway.storage.database import Transaction

_RECIPIENTS = "greatest(1, cardinality(m.mail_to)) + cardinality(m.mail_cc) + cardinality(m.mail_bcc)"
_OF_ACCOUNT = """
    FROM messages m
    WHERE m.organization_id = a.organization_id AND m.email_account_id = a.id AND m.channel = 'EMAIL'
      AND m.direction = 'outbound'"""
_LEFT = f"""
    SELECT {_RECIPIENTS} AS recipients, coalesce(m.attempted_at, m.occurred_at) AS at {_OF_ACCOUNT}
      AND m.status NOT IN ('queued', 'cancelled') AND NOT (m.status = 'failed' AND m.took_nothing)
      AND coalesce(m.attempted_at, m.occurred_at) > now() - interval '1 day'"""
COUNTED = f"{_LEFT} UNION ALL SELECT {_RECIPIENTS}, now() {_OF_ACCOUNT} AND m.status = 'queued'"
"""A subquery for a mailbox `a`: `recipients` and `at` of each mail that left within a day or is queued."""


@dataclass(frozen=True, slots=True)
class SentCounts:
    """How many recipients a mailbox has sent to within an hour and within a day."""

    last_hour: int
    last_day: int


def lock(transaction: Transaction, account_id: UUID) -> None:
    """Lock a mailbox's counts until the commit, so that one transaction at a time counts and adds to them."""
    transaction.execute("SELECT FROM email_accounts WHERE id = %s FOR NO KEY UPDATE", (account_id,))


def count(transaction: Transaction, account_id: UUID, *, with_waiting: bool = True) -> SentCounts:
    """Return how many recipients a mailbox has sent to; with `with_waiting`, both counts include queued mails."""
    return transaction.single_of(
        SentCounts,
        f"""SELECT coalesce(sum(c.recipients) FILTER (WHERE c.at > now() - interval '1 hour'), 0)::int AS last_hour,
                   coalesce(sum(c.recipients), 0)::int AS last_day
            FROM email_accounts a CROSS JOIN LATERAL ({COUNTED if with_waiting else _LEFT}) c
            WHERE a.id = %s""",  # noqa: S608  # our own words
        (account_id,),
    )


def frees_up_in(transaction: Transaction, account_id: UUID, *, window_s: int, wanted: int) -> float:
    """Return how many seconds until `wanted` recipients drop out of the window of `window_s`, at least 1."""
    row = transaction.one(
        f"""SELECT extract(epoch FROM gone.at - now())::float + %s AS seconds FROM (
                SELECT c.at, sum(c.recipients) OVER (ORDER BY c.at) AS total
                FROM email_accounts a CROSS JOIN LATERAL ({COUNTED}) c
                WHERE a.id = %s AND c.at > now() - make_interval(secs => %s)) AS gone
            WHERE gone.total >= %s ORDER BY gone.at LIMIT 1""",  # noqa: S608  # our own words
        (window_s, account_id, window_s, wanted),
    )
    return max(1.0, row["seconds"]) if row else float(window_s)
