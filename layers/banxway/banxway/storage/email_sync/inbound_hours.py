"""When each mailbox and channel was last proven to receive what customers send, and how much it usually receives.

A subject is a mailbox's id or an integration's type. Recording an arrival locks its hour until the commit, so record
arrivals last, just before the changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from banxway.storage.database import Transaction

KEPT_DAYS = 60


def proven_at(*, organization_id: str, subject: str) -> str:
    """Return SQL for the instant at which a subject was last proven, NULL if never; both arguments are columns."""
    return (
        "(SELECT h.last_at FROM inbound_hours h "  # noqa: S608  # our own column names
        f"WHERE h.organization_id = {organization_id} AND h.subject = {subject} ORDER BY h.hour DESC LIMIT 1)"
    )


def record(
    transaction: Transaction,
    *,
    organization_id: UUID,
    subject: str,
    instants: Sequence[datetime],
    now: datetime,
) -> None:
    """Record arrivals. An instant later than `now` counts as now.

    Of arrivals older than 60 days none is recorded, except the newest if there is no younger one.
    """
    capped = sorted(min(at, now) for at in instants)
    recent = [at for at in capped if at >= now - timedelta(days=KEPT_DAYS)]
    _add(transaction, organization_id, subject, recent or capped[-1:], arrivals=1)


def record_proof(transaction: Transaction, *, organization_id: UUID, subject: str) -> None:
    """Record that a test of ours came in now; it proves the subject without counting as an arrival."""
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
    """How many arrivals a subject had within one hour, and when the last arrival or proof was."""

    subject: str
    hour: datetime
    arrivals: int
    last_at: datetime


def list_of(transaction: Transaction) -> dict[str, list[HourRow]]:
    """Return every stored hour by subject, the oldest first."""
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
    """A mailbox or integration that should receive something."""

    subject: str
    name: str


def list_watched(transaction: Transaction) -> list[WatchedRow]:
    """Return the mailboxes and integrations that should receive something, by name."""
    return transaction.all_of(
        WatchedRow,
        """SELECT id::text AS subject, email AS name FROM email_accounts WHERE imap_enabled
           UNION ALL SELECT integration_type, integration_type FROM integration_credentials
           WHERE is_active AND integration_type = ANY(%s) ORDER BY name""",
        (["exotel_whatsapp", "exotel_phone"],),
    )


def prune(transaction: Transaction) -> None:
    """Delete the hours of each subject that are more than 60 days older than its newest."""
    # Grouped once: without statistics of a young table the planner would group again for each row.
    transaction.execute(
        """WITH newest AS MATERIALIZED (
               SELECT organization_id, subject, max(hour) AS hour FROM inbound_hours GROUP BY 1, 2)
           DELETE FROM inbound_hours old USING newest
           WHERE newest.organization_id = old.organization_id AND newest.subject = old.subject
             AND old.hour < newest.hour - make_interval(days => %s)""",
        (KEPT_DAYS,),
    )


def forget(transaction: Transaction, subject: str) -> None:
    """Delete all hours of a subject."""
    transaction.execute("DELETE FROM inbound_hours WHERE subject = %s", (subject,))
