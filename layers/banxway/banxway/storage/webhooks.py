"""Every genuine callback, verbatim, with its log; the reports on calls, and which dashboard URLs are valid."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from banxway.models.pages import Cursors, Instant, Page, fill_page
from banxway.models.webhooks.callbacks import CallReport
from banxway.models.webhooks.events import WebhookEventQuery
from banxway.storage.database import Transaction

_CURSORS = Cursors("webhook events", Instant, UUID)
_SHOWN = "id, kind, outcome, deliveries, replays, subject, received_at, applied_at, replayed_at"


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
    subject: str
    subject_id: UUID
    deliveries: int = 1


@dataclass(frozen=True, slots=True)
class EventRow:
    """A recorded callback without its body."""

    id: UUID
    kind: str
    outcome: str
    deliveries: int
    replays: int
    subject: str | None
    received_at: datetime
    applied_at: datetime
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredEvent(EventRow):
    """A recorded callback; its body is in `body`, or in the blob store under `body_blob`."""

    subject_id: UUID | None
    content_type: str
    body: str | None
    body_blob: str | None


def add_all(transaction: Transaction, *, organization_id: UUID, events: Sequence[NewEvent]) -> None:
    """Record callbacks in one statement; one that its content identifies is stored once, and each repetition counted.

    They are written in the order of their hashes, so that two transactions with the same ones never block each other.
    """
    if not events:
        return
    rows = sorted(_counted(events), key=lambda event: (event.kind, event.body_sha256))
    transaction.execute(
        """INSERT INTO webhook_events (organization_id, id, kind, content_type, body, body_blob, body_sha256,
                                       is_identifiable, outcome, received_at, subject, subject_id, deliveries)
           SELECT %s, id, kind, content_type, body, body_blob, body_sha256, is_identifiable, outcome, received_at,
                  subject, subject_id, deliveries
           FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[],
                       %s::text[], %s::timestamptz[], %s::text[], %s::uuid[], %s::integer[])
                WITH ORDINALITY AS e (id, kind, content_type, body, body_blob, body_sha256, is_identifiable, outcome,
                                      received_at, subject, subject_id, deliveries, position)
           ORDER BY position
           ON CONFLICT (organization_id, kind, body_sha256) WHERE is_identifiable
           DO UPDATE SET deliveries = webhook_events.deliveries + excluded.deliveries""",
        (organization_id, *([getattr(row, name) for row in rows] for name in NewEvent.__slots__)),
    )


def list_page(transaction: Transaction, query: WebhookEventQuery) -> Page[EventRow]:
    """Return callbacks without their bodies, the latest first. Raises ValidationFailed for a foreign cursor."""
    instant, last_id = _CURSORS.read(query.cursor) or (None, None)
    rows = transaction.all_of(
        EventRow,
        f"""SELECT {_SHOWN} FROM webhook_events
            WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)
              AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
              AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
              AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
              AND (%(instant)s::timestamptz IS NULL
                   OR (received_at, id) < (%(instant)s::timestamptz, %(last_id)s::uuid))
            ORDER BY received_at DESC, id DESC LIMIT %(limit)s""",  # noqa: S608  # our own column names
        {
            "kind": query.kind,
            "outcome": query.outcome,
            "since": query.since,
            "until": query.until,
            "instant": instant,
            "last_id": last_id,
            "limit": query.limit + 1,
        },
    )
    return fill_page(rows, limit=query.limit, cursor_of=lambda row: _CURSORS.write(row.received_at, row.id))


def find(transaction: Transaction, event_id: UUID) -> StoredEvent | None:
    """Return a callback with its body, or None."""
    return transaction.one_of(
        StoredEvent,
        f"SELECT {_SHOWN}, subject_id, content_type, body, body_blob FROM webhook_events WHERE id = %s",  # noqa: S608  # our own column names
        (event_id,),
    )


def record_replay(transaction: Transaction, event_id: UUID, *, outcome: str) -> None:
    """Record that a callback was applied again, and what this release read in it."""
    transaction.execute(
        """UPDATE webhook_events SET replays = replays + 1, replayed_at = now(), outcome = %s WHERE id = %s""",
        (outcome, event_id),
    )


def count_call_reports(transaction: Transaction, identities: Collection[str]) -> int:
    """Return how many of these reports on calls are recorded."""
    row = transaction.single(
        "SELECT count(*)::int AS recorded FROM call_reports WHERE identity = ANY(%s)", (list(identities),)
    )
    return int(row["recorded"])


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
