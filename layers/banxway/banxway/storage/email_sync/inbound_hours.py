"""When each mailbox and channel was last proven to bring in what customers send, and how much it usually brings.

A subject is a mailbox's id or an integration's type. Whoever notes arrivals holds their hours until commit, so note
them right before the changes are recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from banxway.storage.database import Transaction

KEPT_DAYS = 60


def proven_at(*, organization_id: str, subject: str) -> str:
    """Return the SQL of the instant at which a subject was last proven; both are columns, and NULL is never."""
    return (
        "(SELECT h.last_at FROM inbound_hours h "  # noqa: S608  # our own column names
        f"WHERE h.organization_id = {organization_id} AND h.subject = {subject} ORDER BY h.hour DESC LIMIT 1)"
    )


def note(
    transaction: Transaction,
    *,
    organization_id: UUID,
    subject: str,
    instants: Sequence[datetime],
    now: datetime,
) -> None:
    """Note what arrived when. A clock ahead of ours counts as now; of what is long ago only the newest counts."""
    capped = sorted(min(at, now) for at in instants)
    recent = [at for at in capped if at >= now - timedelta(days=KEPT_DAYS)]
    _add(transaction, organization_id, subject, recent or capped[-1:], arrivals=1)


def note_proof(transaction: Transaction, *, organization_id: UUID, subject: str) -> None:
    """Note that a test of ours has come in now, which is no arrival."""
    at = transaction.single("SELECT now() AS now")["now"]
    _add(transaction, organization_id, subject, [at], arrivals=0)


def _add(
    transaction: Transaction,
    organization_id: UUID,
    subject: str,
    instants: Sequence[datetime],
    *,
    arrivals: int,
) -> None:
    if not instants:
        return
    transaction.execute(
        """INSERT INTO inbound_hours AS h (organization_id, subject, hour, arrivals, last_at)
           SELECT %s, %s, date_trunc('hour', at, 'UTC'), count(*) * %s, max(at)
           FROM unnest(%s::timestamptz[]) AS at GROUP BY 3 ORDER BY 3
           ON CONFLICT (organization_id, subject, hour) DO UPDATE
           SET arrivals = h.arrivals + excluded.arrivals, last_at = greatest(h.last_at, excluded.last_at)""",
        (organization_id, subject, arrivals, list(instants)),
    )


@dataclass(frozen=True, slots=True)
class HourRow:
    """What came in within one hour."""

    subject: str
    hour: datetime
    arrivals: int
    last_at: datetime


def list_of(transaction: Transaction) -> dict[str, list[HourRow]]:
    """Return {hour, arrivals, last_at} by subject, the oldest first, of all that is kept."""
    found: dict[str, list[HourRow]] = {}
    for row in transaction.all_of(
        HourRow, "SELECT subject, hour, arrivals, last_at FROM inbound_hours ORDER BY subject, hour"
    ):
        found.setdefault(row.subject, []).append(row)
    return found


def find_proven(transaction: Transaction, subject: str) -> datetime | None:
    """Return when a subject was last proven, or None."""
    row = transaction.one(
        "SELECT last_at FROM inbound_hours WHERE subject = %s ORDER BY hour DESC LIMIT 1", (subject,)
    )
    return row["last_at"] if row else None


@dataclass(frozen=True, slots=True)
class WatchedRow:
    """A mailbox or integration that should bring something in."""

    subject: str
    name: str


def list_watched(transaction: Transaction) -> list[WatchedRow]:
    """Return {subject, name} of the mailboxes and integrations that should bring something in."""
    return transaction.all_of(
        WatchedRow,
        """SELECT id::text AS subject, email AS name FROM email_accounts WHERE imap_enabled
           UNION ALL SELECT integration_type, integration_type FROM integration_credentials
           WHERE is_active AND integration_type = ANY(%s) ORDER BY name""",
        (["exotel_whatsapp", "exotel_phone"],),
    )


def prune(transaction: Transaction) -> None:
    """Forget the hours of each subject that are long before its newest."""
    # Grouped once: without statistics of a young table the planner would group again for each of its rows.
    transaction.execute(
        """WITH newest AS MATERIALIZED (
               SELECT organization_id, subject, max(hour) AS hour FROM inbound_hours GROUP BY 1, 2)
           DELETE FROM inbound_hours old USING newest
           WHERE newest.organization_id = old.organization_id AND newest.subject = old.subject
             AND old.hour < newest.hour - make_interval(days => %s)""",
        (KEPT_DAYS,),
    )


def forget(transaction: Transaction, subject: str) -> None:
    """Forget all of a subject that is gone."""
    transaction.execute("DELETE FROM inbound_hours WHERE subject = %s", (subject,))
