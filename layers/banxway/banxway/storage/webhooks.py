"""Every genuine callback, verbatim, and the reports on calls."""

from datetime import datetime
from uuid import UUID

from banxway.models.webhooks.callbacks import CallReport
from banxway.storage.database import Transaction


def add(
    transaction: Transaction,
    *,
    event_id: UUID,
    organization_id: UUID,
    kind: str,
    content_type: str,
    body: str | None,
    body_blob: str | None,
    body_sha256: str,
    is_identifiable: bool,
    outcome: str,
    received_at: datetime,
) -> None:
    """Record a callback; one that its content identifies is stored once, and each repetition only counted."""
    transaction.execute(
        """INSERT INTO webhook_events (id, organization_id, kind, content_type, body, body_blob, body_sha256,
                                       is_identifiable, outcome, received_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (organization_id, kind, body_sha256) WHERE is_identifiable
           DO UPDATE SET deliveries = webhook_events.deliveries + 1""",
        (
            event_id,
            organization_id,
            kind,
            content_type,
            body,
            body_blob,
            body_sha256,
            is_identifiable,
            outcome,
            received_at,
        ),
    )


def add_call_report(transaction: Transaction, *, organization_id: UUID, report: CallReport) -> None:
    """Record a report on a call; the same report again changes nothing."""
    transaction.execute(
        """INSERT INTO call_reports (organization_id, provider_sid, identity, event, status, duration_s,
                                     recording_url, occurred_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (organization_id, identity) DO NOTHING""",
        (
            organization_id,
            report.provider_sid,
            report.identity,
            report.event,
            report.status,
            report.duration_s,
            report.recording_url,
            report.occurred_at,
        ),
    )
