"""The provider's reports on messages, stored whether or not the message is known yet."""

from dataclasses import dataclass
from uuid import UUID

from banxway.models.webhooks.callbacks import StatusReport
from banxway.storage.database import Transaction


def add(
    transaction: Transaction, *, organization_id: UUID, message_id: UUID | None, report: StatusReport
) -> bool:
    """Record a report; False if it is recorded already."""
    row = transaction.one(
        """INSERT INTO message_events (organization_id, message_id, provider_sid, identity, status, provider_code,
                                       provider_status, description, occurred_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (organization_id, identity) DO NOTHING RETURNING id""",
        (
            organization_id,
            message_id,
            report.provider_sid,
            report.identity,
            report.status,
            report.provider_code,
            report.provider_status,
            report.description,
            report.occurred_at,
        ),
    )
    return row is not None


def lock_sid(transaction: Transaction, provider_sid: str) -> None:
    """Lock a provider's id until the commit, so that one transaction at a time decides which message it belongs to.

    Otherwise a report and the answer that names its message, both not committed yet, could miss each other for ever.
    """
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"provider_sid\n{provider_sid}",)
    )


@dataclass(frozen=True, slots=True)
class EarlyReport:
    """A report that arrived before its message was known to be accepted."""

    status: str | None
    provider_code: str | None
    description: str | None


def adopt_orphans(transaction: Transaction, *, message_id: UUID, provider_sid: str) -> list[EarlyReport]:
    """Assign the reports that arrived before their message to it, and return them."""
    return transaction.all_of(
        EarlyReport,
        """UPDATE message_events SET message_id = %s WHERE provider_sid = %s AND message_id IS NULL
           RETURNING status, provider_code, description""",
        (message_id, provider_sid),
    )
