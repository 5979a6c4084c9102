"""@worker: the decorator that turns one plain function into the consumer of a queue.

    @worker(item=MessageDue)
    def handler(due: MessageDue, app: App) -> None: ...

Items are processed one at a time. A failed item is reported alone, so the rest of its batch counts as done. It is
received again after a delay that doubles with each failure, up to five minutes, so that a service that is down is not
flooded with attempts. After the queue's maxReceiveCount it goes to the dead letters. A permanent refusal is not a
failure: services record it on the row and return.

In an outage every attempt is wasted: after three items in a row that failed because something was down, the rest of
the batch is returned without an attempt.

An item is taken only if the invocation has as much time left as one may need at worst (`needs_s`), so that no
function is stopped in the middle of one. The others of the batch are returned at once, for another invocation.
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
Record = dict[str, Any]
_LONGEST_DELAY_S = 300
_OUTAGE = 3  # failures in a row; fewer may be the fault of one slow item
_WORKED, _FAILED, _DOWN = "worked", "failed", "down"


def worker(
    *, item: type[Item], needs_s: float = 0.0, batches_change_notices: bool = False
) -> Callable[[Callable[[Item, App], None]], Callable[[dict[str, Any], Any], dict[str, Any]]]:
    """Consume a queue of these items.

    `needs_s` is the longest time in seconds that an item may take; the function's time-out must not be shorter.
    `batches_change_notices` is for items that take milliseconds: browsers are notified of the changes once, at the
    batch's end.
    """

    def decorate(function: Callable[[Item, App], None]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
        @functools.wraps(function)
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            app = current_app()
            notices = (
                app.infrastructure.batching_change_notices() if batches_change_notices else nullcontext()
            )
            with notices:
                returned = _attempt_all(item, function, app, event["Records"], context, needs_s)
            if returned:
                _postpone(app, item, returned)
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record, _ in returned]}

        handler.worker, handler.needs_s = item, needs_s  # type: ignore[attr-defined]  # read by the tests
        return handler

    return decorate


def _attempt_all(
    item: type[Item],
    function: Callable[[Item, App], None],
    app: App,
    records: list[Record],
    context: Any,
    needs_s: float,
) -> list[tuple[Record, int]]:
    """Process a batch, and return the records to be received again, each with its delay in seconds."""
    returned: list[tuple[Record, int]] = []
    down_in_a_row = 0
    for record in records:
        if needs_s and context.get_remaining_time_in_millis() < needs_s * 1000:
            returned.append((record, 0))
            continue
        if down_in_a_row == _OUTAGE:
            returned.append((record, _delay_of(record)))
            continue
        with invocation(app, context, queue_message_id=record["messageId"]):
            outcome = _attempt(item, function, app, record)
        down_in_a_row = down_in_a_row + 1 if outcome == _DOWN else 0
        if outcome != _WORKED:
            returned.append((record, _delay_of(record)))
    return returned


def _attempt(
    item: type[Item], function: Callable[[Item, App], None], app: App, record: dict[str, Any]
) -> str:
    try:
        function(item.model_validate_json(record["body"]), app)
    except NotFound as error:
        get_logger().warning("the item's row is gone", error=error.message)
        return _WORKED
    except ValidationError as error:
        # No retry repairs this item. It fails until it goes to the dead letters, where a person looks at it.
        get_logger().error("unreadable queue item", fields=[str(e["loc"]) for e in error.errors()])
    except Unavailable as error:
        # An outage fails every item while it lasts, and its sentence says everything; a stack trace for each would
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


def _delay_of(record: Record) -> int:
    """Return how many seconds a failed item waits: twice as long after each failure."""
    return int(min(2 ** int(record["attributes"]["ApproximateReceiveCount"]), _LONGEST_DELAY_S))


def _postpone(app: App, item: type[Item], returned: list[tuple[Record, int]]) -> None:
    """Postpone each record by its own delay, all in one call, since an outage fails whole batches."""
    delays_s = {record["receiptHandle"]: delay_s for record, delay_s in returned}
    try:
        infrastructure = app.infrastructure
        infrastructure.queues.postpone(infrastructure.settings.queue_url(item.queue), delays_s)
    except Unavailable:
        # The queue's own visibility timeout returns the items as well, only later.
        return
