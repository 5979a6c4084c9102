"""@worker: the decorator that turns one plain function into the consumer of a queue.

    @worker(item=MessageDue)
    def handler(due: MessageDue, app: App) -> None: ...

    @worker(item=CallbackReceived, in_sets=True)
    def handler(received: Sequence[CallbackReceived], app: App) -> None: ...

Items are processed one at a time, or in sets: then the function gets those of one organization at once, in their
order. If it raises for a set, each item of the set is processed alone, after the sets of all other organizations.

A failed item is reported alone, so the rest of its batch counts as done. It is received again after a delay that
doubles with each failure, up to five minutes, so that a service that is down is not flooded with attempts. After the
queue's maxReceiveCount it goes to the dead letters. A permanent refusal is not a failure: services record it on the
row and return.

In an outage every attempt is wasted: after three in a row that failed because something was down, the rest of the
batch is returned without an attempt.
"""

import functools
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Literal, TypeVar, overload

from pydantic import ValidationError

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.invocation import invocation
from banxway.errors import BanxwayError, NotFound, Unavailable
from banxway.log import get_logger
from banxway.models.queue_items import QueueItem

Item = TypeVar("Item", bound=QueueItem)
Record = dict[str, Any]
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
_LONGEST_DELAY_S = 300
_OUTAGE = 3  # failures in a row; fewer may be the fault of one slow item
_WORKED, _FAILED, _DOWN = "worked", "failed", "down"
_organization_of = attrgetter("organization_id")


@overload
def worker(
    *, item: type[Item], in_sets: Literal[False] = False
) -> Callable[[Callable[[Item, App], None]], Handler]: ...


@overload
def worker(
    *, item: type[Item], in_sets: Literal[True]
) -> Callable[[Callable[[Sequence[Item], App], None]], Handler]: ...


def worker(*, item: type[Item], in_sets: bool = False) -> Callable[[Callable[[Any, App], None]], Handler]:
    """Consume a queue of these items, one at a time or in sets; items that come in sets name their organization."""
    attempt_all = _attempt_in_sets if in_sets else _attempt_all

    def decorate(function: Callable[[Any, App], None]) -> Handler:
        @functools.wraps(function)
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            app = current_app()
            failed = attempt_all(item, function, app, event["Records"], context)
            if failed:
                _postpone(app, item, failed)
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}

        handler.worker = item  # type: ignore[attr-defined]  # read by the tests
        return handler

    return decorate


def _attempt_all(
    item: type[Item],
    function: Callable[[Item, App], None],
    app: App,
    records: Sequence[Record],
    context: Any,
    *,
    down_in_a_row: int = 0,
) -> list[Record]:
    """Process a batch and return the records that failed; in an outage the rest is returned without an attempt."""
    failed: list[Record] = []
    for record in records:
        if down_in_a_row == _OUTAGE:
            failed.append(record)
            continue
        with invocation(app, context, "worker", queue_message_id=record["messageId"]):
            outcome = _attempt(item, function, app, record)
        down_in_a_row = down_in_a_row + 1 if outcome == _DOWN else 0
        if outcome != _WORKED:
            failed.append(record)
    return failed


def _attempt_in_sets(
    item: type[Item],
    function: Callable[[Sequence[Item], App], None],
    app: App,
    records: Sequence[Record],
    context: Any,
) -> list[Record]:
    """Process a batch in sets and return the records that failed, as `_attempt_all` does."""
    sets, alone = _sets_of(item, records)
    down_in_a_row = 0
    for one in sets:
        outcome = _DOWN
        if down_in_a_row < _OUTAGE:
            ids = [record["messageId"] for record, _ in one]
            with invocation(app, context, "worker", queue_message_ids=ids):
                outcome = _attempt_set(function, app, [each for _, each in one])
            down_in_a_row = down_in_a_row + 1 if outcome == _DOWN else 0
        if outcome != _WORKED:
            alone += [record for record, _ in one]
    failed = _attempt_all(
        item, lambda each, app: function([each], app), app, alone, context, down_in_a_row=down_in_a_row
    )
    came_back = {record["messageId"] for record in failed}
    return [record for record in records if record["messageId"] in came_back]


def _sets_of(
    item: type[Item], records: Sequence[Record]
) -> tuple[list[list[tuple[Record, Item]]], list[Record]]:
    """Return the records of each organization that has several, with their items, and those to process alone."""
    sets: dict[Any, list[tuple[Record, Item]]] = {}
    alone: list[Record] = []
    for record in records:
        try:
            read = item.model_validate_json(record["body"])
        except ValidationError:
            alone.append(record)
        else:
            sets.setdefault(_organization_of(read), []).append((record, read))
    alone += [one[0][0] for one in sets.values() if len(one) == 1]
    return [one for one in sets.values() if len(one) > 1], alone


def _attempt_set(function: Callable[[Sequence[Item], App], None], app: App, items: Sequence[Item]) -> str:
    """Process a set; if it fails, its items say why when they are processed alone."""
    try:
        function(items, app)
    except Exception as error:  # noqa: BLE001 -- any item may be the cause, and the others must not fail with it
        get_logger().info("set failed, and its items are processed alone", error=str(error), items=len(items))
        return _DOWN if isinstance(error, Unavailable) else _FAILED
    return _WORKED


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


def _postpone(app: App, item: type[Item], failed: list[dict[str, Any]]) -> None:
    """Postpone each record by its own delay, all in one call, since an outage fails whole batches."""
    delays_s = {
        record["receiptHandle"]: min(
            2 ** int(record["attributes"]["ApproximateReceiveCount"]), _LONGEST_DELAY_S
        )
        for record in failed
    }
    try:
        infrastructure = app.infrastructure
        infrastructure.queues.postpone(infrastructure.settings.queue_url(item.queue), delays_s)
    except Unavailable:
        # The queue's own visibility timeout returns the items as well, only later.
        return
