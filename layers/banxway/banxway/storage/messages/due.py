"""Finds messages that wait for a worker, at most as many of an organization as its queue has free slots.

A message whose claim was refused has no item in a queue any more. The worker that frees a slot enqueues the next
one; the sweeper finds what a killed worker left.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from banxway.models.messages.delivering import InFlight
from banxway.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class DueRow:
    """A queued message that is due and that no worker has claimed."""

    organization_id: UUID
    id: UUID
    channel: str


def for_freed_slot(transaction: Transaction, *, channel: str, in_flight: InFlight) -> list[DueRow]:
    """Return the organization's messages for which a channel's queue has a slot once this transaction has freed one.

    The oldest first; to be enqueued after the commit. Call it first in the transaction: until the commit it locks the
    slots, and no message of this organization's queue is claimed.
    """
    return transaction.all_of(
        DueRow,
        """SELECT scope_organization() AS organization_id, id, channel
           FROM due_for_freed_slot(channels_beside(%s, %s::jsonb), %s)""",
        (channel, json.dumps(in_flight.channels_of), in_flight.most),
    )


def waiting(transaction: Transaction, *, older_than_s: int, in_flight: InFlight, limit: int) -> list[DueRow]:
    """Return messages that were due more than `older_than_s` ago, the oldest first; for the system scope.

    Of each organization at most as many as its queues have free slots: what waits for a slot is enqueued by the
    worker that frees it.
    """
    return transaction.all_of(
        DueRow,
        _WAITING,
        {
            "older": older_than_s,
            "queues": json.dumps(in_flight.channels_of),
            "most": in_flight.most,
            "limit": limit,
        },
    )


# The first part steps from one organization to the next in the index messages_waiting, whatever each has waiting.
_WAITING = """
    WITH RECURSIVE organization (id) AS (
        (SELECT organization_id FROM messages WHERE status = 'queued' ORDER BY organization_id LIMIT 1)
        UNION ALL
        SELECT (SELECT m.organization_id FROM messages m
                WHERE m.status = 'queued' AND m.organization_id > organization.id
                ORDER BY m.organization_id LIMIT 1)
        FROM organization WHERE organization.id IS NOT NULL
    ), queue (channels) AS (
        SELECT ARRAY(SELECT jsonb_array_elements_text(one.value)) FROM jsonb_each(%(queues)s::jsonb) AS one
    )
    SELECT organization.id AS organization_id, due.id, due.channel
    FROM organization CROSS JOIN queue CROSS JOIN LATERAL (
        SELECT m.id, m.channel, m.next_attempt_at
        FROM unnest(queue.channels) AS one (name) CROSS JOIN LATERAL (
            SELECT w.id, w.channel, w.next_attempt_at FROM messages w
            WHERE w.organization_id = organization.id AND w.channel = one.name AND w.status = 'queued'
              AND w.next_attempt_at < now() - make_interval(secs => %(older)s)
            ORDER BY w.next_attempt_at, w.id LIMIT %(most)s
        ) AS m
        ORDER BY m.next_attempt_at, m.id
        LIMIT greatest(%(most)s - (SELECT count(*) FROM messages s WHERE s.organization_id = organization.id
                                   AND s.status = 'sending' AND s.channel = ANY (queue.channels)), 0)
    ) AS due
    ORDER BY due.next_attempt_at LIMIT %(limit)s
"""
