"""Every genuine callback, verbatim, the reports on calls, and which dashboard URLs are valid."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from banxway.models.webhooks.callbacks import CallReport
from banxway.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A callback to record.

    `is_identifiable` says that an equal body is the same callback, delivered again; `deliveries` counts these.
    """

    id: UUID
    kind: str
    content_type: str
    body: str | None
    body_blob: str | None
    body_sha256: str
    is_identifiable: bool
    outcome: str
    received_at: datetime
    deliveries: int = 1


def add_all(transaction: Transaction, *, organization_id: UUID, events: Sequence[NewEvent]) -> None:
    """Record callbacks in one statement; one that its content identifies is stored once, and each repetition counted.

    They are written in the order of their hashes, so that two transactions with the same ones never block each other.
    """
    if not events:
        return
    rows = sorted(_counted(events), key=lambda event: (event.kind, event.body_sha256))
    transaction.execute(
        """INSERT INTO webhook_events (organization_id, id, kind, content_type, body, body_blob, body_sha256,
                                       is_identifiable, outcome, received_at, deliveries)
           SELECT %s, id, kind, content_type, body, body_blob, body_sha256, is_identifiable, outcome, received_at,
                  deliveries
           FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[],
                       %s::text[], %s::timestamptz[], %s::integer[])
                WITH ORDINALITY AS e (id, kind, content_type, body, body_blob, body_sha256, is_identifiable, outcome,
                                      received_at, deliveries, position)
           ORDER BY position
           ON CONFLICT (organization_id, kind, body_sha256) WHERE is_identifiable
           DO UPDATE SET deliveries = webhook_events.deliveries + excluded.deliveries""",
        (organization_id, *([getattr(row, name) for row in rows] for name in NewEvent.__slots__)),
    )


def _counted(events: Sequence[NewEvent]) -> list[NewEvent]:
    """Return the events with each identifiable one once: one statement cannot count the same row twice."""
    found: dict[object, NewEvent] = {}
    for event in events:
        key = (event.kind, event.body_sha256) if event.is_identifiable else event.id
        known = found.get(key)
        found[key] = replace(known, deliveries=known.deliveries + event.deliveries) if known else event
    return list(found.values())


def add_call_reports(
    transaction: Transaction, *, organization_id: UUID, reports: Collection[CallReport]
) -> None:
    """Record reports on calls in one statement; the same report again changes nothing.

    They are written in the order of their identities, so that two transactions with the same ones never block each
    other.
    """
    if not reports:
        return
    # Of equal ones the first, as if they came one after the other.
    once = {report.identity: report for report in reversed(list(reports))}
    rows = sorted(once.values(), key=lambda report: report.identity)
    transaction.execute(
        """INSERT INTO call_reports (organization_id, provider_sid, identity, event, status, duration_s,
                                     recording_url, occurred_at)
           SELECT %s, provider_sid, identity, event, status, duration_s, recording_url, occurred_at
           FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::integer[], %s::text[], %s::timestamptz[])
                WITH ORDINALITY AS r (provider_sid, identity, event, status, duration_s, recording_url, occurred_at,
                                      position)
           ORDER BY position ON CONFLICT (organization_id, identity) DO NOTHING""",
        (
            organization_id,
            [row.provider_sid for row in rows],
            [row.identity for row in rows],
            [row.event for row in rows],
            [row.status for row in rows],
            [row.duration_s for row in rows],
            [row.recording_url for row in rows],
            [row.occurred_at for row in rows],
        ),
    )


def callback_generations(transaction: Transaction, integration_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the current generation of these integrations' dashboard URLs, by id; a removed integration has none."""
    rows = transaction.all(
        """SELECT i.id, coalesce(s.callback_generation, 1) AS generation
           FROM integration_credentials i LEFT JOIN integration_settings s ON s.integration_id = i.id
           WHERE i.id = ANY(%s)""",
        (list(integration_ids),),
    )
    return {row["id"]: row["generation"] for row in rows}
