"""Events in threads that are not messages, such as reactions, and reports of the provider with an unknown status."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.models.threads.messages import ThreadEvent
from banxway.models.webhooks.callbacks import CustomerEvent
from banxway.storage.database import Transaction

_MOST_OF_A_MESSAGE = 50
_MOST_OF_A_THREAD = 50
_LONGEST_TEXT = 4096  # WhatsApp's own limit of a text

# Only sender and recipient of a message can do something to it: its id alone proves nothing.
_IS_ABOUT = "m.provider_sid = e.message_sid AND e.sender_spellings && ARRAY[m.sender, m.recipient]"
_SHOWN = f"e.kind, left(e.text, {_LONGEST_TEXT}) AS text, e.sender, e.message_sid, e.occurred_at"


def add(
    transaction: Transaction,
    *,
    organization_id: UUID,
    thread_id: UUID | None,
    event: CustomerEvent,
    sender_spellings: Sequence[str],
    occurred_at: datetime,
    received_at: datetime,
) -> bool:
    """Record an event; False if it is recorded already."""
    row = transaction.one(
        """INSERT INTO thread_events (organization_id, thread_id, kind, message_sid, sender, sender_spellings, text,
                                      identity, occurred_at, received_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (organization_id, identity) DO NOTHING RETURNING id""",
        (
            organization_id,
            thread_id,
            event.kind,
            event.about_sid,
            event.sender,
            list(sender_spellings),
            event.text,
            event.identity,
            occurred_at,
            received_at,
        ),
    )
    return row is not None


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """The message that an event is about."""

    id: UUID
    thread_id: UUID


def find_subject(transaction: Transaction, *, message_sid: str, parties: Sequence[str]) -> SubjectRow | None:
    """Return the message with this provider's id that one of these numbers sent or received, or None."""
    return transaction.one_of(
        SubjectRow,
        """SELECT id, thread_id FROM messages
           WHERE provider_sid = %s AND (sender = ANY(%s) OR recipient = ANY(%s)) LIMIT 1""",
        (message_sid, list(parties), list(parties)),
    )


def find_latest_thread(transaction: Transaction, *, customer_id: UUID) -> UUID | None:
    """Return the customer's thread with the latest activity, open or closed, or None."""
    row = transaction.one(
        """SELECT id FROM threads WHERE customer_id = %s AND merged_into_thread_id IS NULL
           ORDER BY last_message_at DESC, id DESC LIMIT 1""",
        (customer_id,),
    )
    return row["id"] if row else None


def adopt(transaction: Transaction, *, thread_id: UUID, senders: Sequence[str]) -> None:
    """Assign the events of these numbers that have no thread to this one."""
    transaction.execute(
        "UPDATE thread_events SET thread_id = %s WHERE thread_id IS NULL AND sender = ANY(%s)",
        (thread_id, list(senders)),
    )


def of_messages(transaction: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, list[ThreadEvent]]:
    """Return the latest 50 events of each message, the oldest first, including reports with an unknown status."""
    rows = transaction.all(
        f"""WITH found AS (
                SELECT m.id AS message_id, {_SHOWN}, e.received_at, e.id
                FROM messages m JOIN thread_events e ON {_IS_ABOUT} WHERE m.id = ANY(%(ids)s)
                UNION ALL
                SELECT e.message_id, 'report', left(concat_ws(' ', e.provider_code, e.provider_status,
                                                              e.description), {_LONGEST_TEXT}),
                       NULL, e.provider_sid, coalesce(e.occurred_at, e.received_at), e.received_at, e.id
                FROM message_events e WHERE e.message_id = ANY(%(ids)s) AND e.status IS NULL),
            numbered AS (
                SELECT found.*, row_number() OVER (PARTITION BY message_id
                                                   ORDER BY occurred_at DESC, received_at DESC, id DESC) AS nth
                FROM found)
            SELECT message_id, kind, text, sender, message_sid, occurred_at FROM numbered
            WHERE nth <= {_MOST_OF_A_MESSAGE} ORDER BY message_id, nth DESC""",  # noqa: S608  # our own words
        {"ids": list(message_ids)},
    )
    found: dict[UUID, list[ThreadEvent]] = {}
    for row in rows:
        found.setdefault(row.pop("message_id"), []).append(ThreadEvent(**row))
    return found


def of_thread(transaction: Transaction, thread_id: UUID) -> list[ThreadEvent]:
    """Return the thread's latest 50 events that are about no known message, the oldest first."""
    rows = transaction.all(
        f"""SELECT {_SHOWN} FROM thread_events e
            WHERE (e.thread_id = %(thread)s
                   OR e.thread_id IN (SELECT id FROM threads WHERE merged_into_thread_id = %(thread)s))
              AND NOT EXISTS (SELECT FROM messages m WHERE {_IS_ABOUT})
            ORDER BY e.occurred_at DESC, e.received_at DESC, e.id DESC LIMIT {_MOST_OF_A_THREAD}""",  # noqa: S608  # our own words
        {"thread": thread_id},
    )
    return [ThreadEvent(**row) for row in reversed(rows)]
