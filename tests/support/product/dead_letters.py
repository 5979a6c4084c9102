"""Gives items up as workers and SQS do, and adds dead letters."""

import json
from typing import Any
from uuid import UUID, uuid4

from banxway.models.queue_items import QueueItem
from tests.support.databases.postgres import TestDatabase
from tests.support.gates.routes import CONSUMERS, handler_of
from tests.support.product.app import Bundle
from tests.support.product.events import queue_event, queue_record


def give_up(bundle: Bundle, item: QueueItem, *, cause: str = "unexpected", times: int = 30) -> None:
    """Put an item into the dead letters as its worker does after its last attempt, and let it be recorded."""
    bundle.app.infrastructure.queues.send(
        bundle.queue_url("dead_letter"),
        item.model_dump_json(),
        attributes={
            "source": item.queue,
            "queue_message_id": str(uuid4()),
            "cause": cause,
            "sentence": "The worker failed unexpectedly (KeyError).",
            "tried": str(times),
            "first_received_ms": "1768469400000",
            "given_up_ms": "1768476600000",
        },
    )
    bundle.work("dead_letter")


def moved_by_sqs(bundle: Bundle, item: QueueItem, *, message_id: str | None = None) -> dict[str, Any]:
    """Return the record of an item that SQS has moved from its queue: nobody said why."""
    return queue_record(
        item.model_dump_json(),
        queue=_name(bundle, "dead_letter"),
        message_id=message_id,
        came_from=_name(bundle, item.queue),
    )


def record_all(bundle: Bundle, *records: dict[str, Any]) -> list[str]:
    """Let the worker record dead letters, and return the ids of the records that stay in the queue."""
    answer = bundle.call(handler_of(CONSUMERS["dead_letter"]), queue_event(records))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def groups(bundle: Bundle, user: UUID, state: str = "open") -> list[dict[str, Any]]:
    """Return the groups of dead letters as a user sees them."""
    found: list[dict[str, Any]] = bundle.get(f"/api/v1/settings/dead-letters?state={state}", user).data
    return found


def items(bundle: Bundle, user: UUID, query: str = "") -> list[dict[str, Any]]:
    """Return dead letters one by one as a user sees them."""
    found: list[dict[str, Any]] = bundle.get(f"/api/v1/settings/dead-letters/items{query}", user).data
    return found


def add_dead_letter(database: TestDatabase, organization_id: UUID, *, queue: str = "rotation") -> UUID:
    """Add an open dead letter as a row, without a queue, and return its id."""
    letter_id = uuid4()
    database.rows(
        """INSERT INTO dead_letters (id, organization_id, queue, identity, item, cause, sentence, attempts,
                                     queue_message_ids, first_failed_at, last_failed_at)
           VALUES (%s, %s, %s, %s, %s, 'unexpected', 'The worker failed unexpectedly (KeyError).', 30, '{}',
                   now() - interval '2 hours', now())""",
        (
            letter_id,
            organization_id,
            queue,
            letter_id.hex,
            json.dumps({"organization_id": str(organization_id)}),
        ),
    )
    return letter_id


def _name(bundle: Bundle, queue: str) -> str:
    return bundle.queue_url(queue).rpartition("/")[2]
