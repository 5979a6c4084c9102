"""@worker: what turns one plain function into the consumer of a queue.

    @worker(item=MessageDue)
    def handler(due: MessageDue, app: App) -> None: ...

One item at a time; a failed one is reported back alone, so that its batch mates pass. It then returns after
a delay that grows with each failure, up to five minutes, which outlasts an outage without hammering what is
down; after the queue's maxReceiveCount it waits in the dead letters. A permanent refusal is not a failure:
services record it on the row and return.

In an outage every attempt is wasted: after three items in a row for which something was down, the rest of
the batch comes back untried.
"""

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

from pydantic import ValidationError

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.invocation import invocation
from banxway.errors import BanxwayError, NotFound, Unavailable
from banxway.log import get_logger
from banxway.models.queue_items import QueueItem

Item = TypeVar("Item", bound=QueueItem)
_LONGEST_DELAY_S = 300
_OUTAGE = 3  # so many in a row; fewer may be one slow item's own doing
_WORKED, _FAILED, _DOWN = "worked", "failed", "down"


def worker(
    *, item: type[Item], tells_once: bool = False
) -> Callable[[Callable[[Item, App], None]], Callable[[dict[str, Any], Any], dict[str, Any]]]:
    """Consume a queue of these items.

    `tells_once` is for items that take milliseconds: whoever listens is told of a batch's changes at its end, once.
    """

    def decorate(function: Callable[[Item, App], None]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
        @functools.wraps(function)
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            app = current_app()
            with app.telling_once() if tells_once else nullcontext():
                failed = _attempt_all(item, function, app, event["Records"], context)
            if failed:
                _postpone(app, failed)
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}

        handler.worker = item  # type: ignore[attr-defined]  # read by the tests
        return handler

    return decorate


def _attempt_all(
    item: type[Item],
    function: Callable[[Item, App], None],
    app: App,
    records: list[dict[str, Any]],
    context: Any,
) -> list[dict[str, Any]]:
    """Work off a batch and return the records that failed; after an outage in a row the rest is not attempted."""
    failed: list[dict[str, Any]] = []
    down_in_a_row = 0
    for record in records:
        if down_in_a_row == _OUTAGE:
            failed.append(record)
            continue
        with invocation(app, context, queue_message_id=record["messageId"]):
            outcome = _attempt(item, function, app, record)
        down_in_a_row = down_in_a_row + 1 if outcome == _DOWN else 0
        if outcome != _WORKED:
            failed.append(record)
    return failed


def _attempt(
    item: type[Item], function: Callable[[Item, App], None], app: App, record: dict[str, Any]
) -> str:
    try:
        function(item.model_validate_json(record["body"]), app)
    except NotFound as error:
        get_logger().warning("the item's row is gone", error=error.message)
        return _WORKED
    except ValidationError as error:
        # Poison: no retry mends it. It goes the way to the dead letters, where somebody looks at it.
        get_logger().error("unreadable queue item", fields=[str(e["loc"]) for e in error.errors()])
    except Unavailable as error:
        # An outage fails every item for as long as it lasts, and its sentence says all; a trace each would
        # cost more than the attempts.
        get_logger().warning("item failed", code=error.code, error=error.message, cause=str(error.__cause__))
        return _DOWN
    except BanxwayError as error:
        get_logger().warning("item failed", code=error.code, error=error.message, exc_info=error)
    except Exception:  # noqa: BLE001 -- one item's failure must not take its batch mates along
        get_logger().exception("item failed unexpectedly")
    else:
        return _WORKED
    return _FAILED


def _postpone(app: App, failed: list[dict[str, Any]]) -> None:
    """Let each come back after its own delay; in one call, since an outage fails whole batches."""
    delays_s = {
        record["receiptHandle"]: min(
            2 ** int(record["attributes"]["ApproximateReceiveCount"]), _LONGEST_DELAY_S
        )
        for record in failed
    }
    try:
        app.queues.postpone(app.queue_url(failed[0]["eventSourceARN"]), delays_s)
    except Unavailable:
        # The queue's own visibility timeout brings the items back as well, only later.
        return
