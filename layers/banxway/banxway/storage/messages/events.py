"""The provider's reports on messages, stored whether or not the message is known yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus
from banxway.models.webhooks.callbacks import StatusReport
from banxway.storage.database import Transaction
from banxway.storage.messages.settling import Evidence


def lock_sids(transaction: Transaction, provider_sids: Collection[str]) -> None:
    """Lock providers' ids until the commit, so that one transaction at a time decides which message each belongs to.

    Otherwise a report and the answer that names its message, both not committed yet, could miss each other for ever.
    They are locked in one order, so that two transactions that need the same ones never block each other.
    """
    transaction.execute(
        """SELECT pg_advisory_xact_lock(wanted.key)
           FROM (SELECT DISTINCT hashtextextended(sid, 0) AS key FROM unnest(%s::text[]) AS sid
                 ORDER BY key) AS wanted""",
        ([f"provider_sid\n{sid}" for sid in provider_sids],),
    )


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report that is recorded; without a message, it arrived before its message was known to be accepted."""

    identity: str
    message_id: UUID | None
    provider_sid: str
    status: str | None
    provider_code: str | None
    description: str | None

    def evidence(self) -> Evidence | None:
        """Return what the report says about its message's outcome; None for an unknown status."""
        if not self.status:
            return None
        return Evidence(
            MessageStatus(self.status),
            provider_sid=self.provider_sid,
            provider_code=self.provider_code,
            reason=self.description,
        )


_COLUMNS = ", ".join(ReportRow.__slots__)


def find_recorded(
    transaction: Transaction, *, identities: Collection[str], provider_sids: Collection[str]
) -> list[ReportRow]:
    """Return the reports of these identities, and those without a message of these sids, in the order of arrival."""
    return transaction.all_of(
        ReportRow,
        f"""SELECT {_COLUMNS} FROM (
                SELECT id, {_COLUMNS} FROM message_events WHERE identity = ANY(%s)
                UNION SELECT id, {_COLUMNS} FROM message_events WHERE provider_sid = ANY(%s) AND message_id IS NULL
            ) AS found ORDER BY id""",  # noqa: S608  # our own column names
        (list(identities), list(provider_sids)),
    )


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report to record, with its message if that is known."""

    report: StatusReport
    message_id: UUID | None


def add_all(transaction: Transaction, *, organization_id: UUID, reports: Sequence[NewReport]) -> None:
    """Record reports in this order, in one statement."""
    if not reports:
        return
    said = [one.report for one in reports]
    transaction.execute(
        """INSERT INTO message_events (organization_id, message_id, provider_sid, identity, status, provider_code,
                                       provider_status, description, occurred_at)
           SELECT %s, r.message_id, r.provider_sid, r.identity, r.status, r.provider_code, r.provider_status,
                  r.description, r.occurred_at
           FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                       %s::timestamptz[])
                WITH ORDINALITY AS r (message_id, provider_sid, identity, status, provider_code, provider_status,
                                      description, occurred_at, position)
           ORDER BY r.position""",
        (
            organization_id,
            [one.message_id for one in reports],
            [one.provider_sid for one in said],
            [one.identity for one in said],
            [one.status for one in said],
            [one.provider_code for one in said],
            [one.provider_status for one in said],
            [one.description for one in said],
            [one.occurred_at for one in said],
        ),
    )


def assign_all(transaction: Transaction, messages: Mapping[str, UUID]) -> None:
    """Assign recorded reports, by their identities, to messages, in one statement."""
    if messages:
        transaction.execute(
            """UPDATE message_events e SET message_id = a.message_id
               FROM unnest(%s::text[], %s::uuid[]) AS a (identity, message_id) WHERE e.identity = a.identity""",
            (list(messages), list(messages.values())),
        )
