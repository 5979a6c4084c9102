"""@worker: the decorator that turns one plain function into the consumer of a queue.

    @worker(item=MessageDue)
    def handler(due: MessageDue, app: App) -> None: ...

    @worker(item=CallbackReceived, in_sets=True)
    def handler(received: Sequence[CallbackReceived], app: App) -> None: ...

Items are processed one at a time, or in sets: then the function gets those of one organization at once, in their
order. If it raises for a set, each item of the set is processed alone, after the sets of all other organizations.

A failed item is reported alone, so the rest of its batch counts as done. It is received again after a delay that
doubles with each failure, up to five minutes, so that a service that is down is not flooded with attempts. After the
last attempt it goes to the dead letters, with the cause (giving_up.py). A permanent refusal is not a failure:
services record it on the row and return.

In an outage every attempt is wasted: after three in a row that failed because something was down, the rest of the
batch is returned without an attempt.

An item is taken only if the invocation has as much time left as one may need at worst (`needs_s`), so that no
function is stopped in the middle of one. The others of the batch are returned at once, for another invocation.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from operator import attrgetter
from typing import Any, Literal, NamedTuple, TypeVar, overload

from pydantic import ValidationError

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.giving_up import NO_TIME, Cause, cause_of, give_up, is_last_attempt
from banxway.entrypoints.invocation import invocation
from banxway.errors import BanxwayError, NotFound, Unavailable
from banxway.log import get_logger
from banxway.models.queue_items import QueueItem

Item = TypeVar("Item", bound=QueueItem)
Record = dict[str, Any]
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
_LONGEST_DELAY_S = 300
_OUTAGE = 3  # failures in a row; fewer may be the fault of one slow item
_organization_of = attrgetter("organization_id")


class _Outcome(NamedTuple):
    """How an attempt ended: it worked if there is no cause."""

    cause: Cause | None = None
    is_outage: bool = False


_WORKED = _Outcome()


@overload
def worker(
    *, item: type[Item], in_sets: Literal[False] = False, needs_s: float = 0.0
) -> Callable[[Callable[[Item, App], None]], Handler]: ...


@overload
def worker(
    *, item: type[Item], in_sets: Literal[True], needs_s: float = 0.0
) -> Callable[[Callable[[Sequence[Item], App], None]], Handler]: ...


def worker(
    *, item: type[Item], in_sets: bool = False, needs_s: float = 0.0
) -> Callable[[Callable[[Any, App], None]], Handler]:
    """Consume a queue of these items, one at a time or in sets; items that come in sets name their organization.

    `needs_s` is the longest time in seconds that an item or a set may take; the function's time-out must not be
    shorter.
    """

    def decorate(function: Callable[[Any, App], None]) -> Handler:
        @functools.wraps(function)
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            batch = _Batch(item, current_app(), context, needs_s)
            attempt = batch.attempt_in_sets if in_sets else batch.attempt_all
            attempt(function, event["Records"])
            return batch.end(event["Records"])

        handler.worker, handler.needs_s = item, needs_s  # type: ignore[attr-defined]  # read by the tests
        return handler

    return decorate


class _Batch:
    """The records of one invocation, and how each of them ended."""

    def __init__(self, item: type[Item], app: App, context: Any, needs_s: float) -> None:
        self._item = item
        self._app = app
        self._context = context
        self._needs_s = needs_s
        self._down_in_a_row = 0
        self._outage: Cause | None = None
        self._delays_s: dict[str, int] = {}

    def attempt_all(self, function: Callable[[Any, App], None], records: Sequence[Record]) -> None:
        """Process records one at a time; in an outage the rest is returned without an attempt."""
        for record in records:
            if self._is_short_of_time():
                self._end_attempt(record, NO_TIME, at_once=True)
            elif self._down_in_a_row == _OUTAGE:
                self._end_attempt(record, self._outage)
            else:
                with self._invocation(queue_message_id=record["messageId"]):
                    outcome = _attempt(self._item, function, self._app, record)
                    self._count(outcome)
                    self._end_attempt(record, outcome.cause)

    def attempt_in_sets(self, function: Callable[[Any, App], None], records: Sequence[Record]) -> None:
        """Process records in sets, and those of a set that failed one at a time."""
        sets, alone = _sets_of(self._item, records)
        for one in sets:
            its_records = [record for record, _ in one]
            if self._is_short_of_time():
                for record in its_records:
                    self._end_attempt(record, NO_TIME, at_once=True)
            elif self._down_in_a_row == _OUTAGE:
                alone += its_records
            else:
                with self._invocation(queue_message_ids=[record["messageId"] for record in its_records]):
                    outcome = _attempt_set(function, self._app, [each for _, each in one])
                self._count(outcome)
                if outcome.cause:
                    alone += its_records
        self.attempt_all(lambda each, app: function([each], app), alone)

    def end(self, records: Sequence[Record]) -> dict[str, Any]:
        """Postpone what is to be received again, and return its ids to Lambda, in the order of the batch."""
        returned = [record for record in records if record["messageId"] in self._delays_s]
        if returned:
            self._postpone(
                {record["receiptHandle"]: self._delays_s[record["messageId"]] for record in returned}
            )
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in returned]}

    def _invocation(self, **about: Any) -> AbstractContextManager[None]:
        return invocation(self._app, self._context, "worker", **about)

    def _is_short_of_time(self) -> bool:
        return bool(self._needs_s) and self._context.get_remaining_time_in_millis() < self._needs_s * 1000

    def _count(self, outcome: _Outcome) -> None:
        self._down_in_a_row = self._down_in_a_row + 1 if outcome.is_outage else 0
        self._outage = outcome.cause if outcome.is_outage else self._outage

    def _end_attempt(self, record: Record, cause: Cause | None, *, at_once: bool = False) -> None:
        """Return a record that failed to its queue, or give it up after its last attempt."""
        if cause is None:
            return
        is_over = is_last_attempt(self._item, record) and give_up(self._app, self._item, record, cause)
        if not is_over:
            self._return(record, at_once=at_once)

    def _return(self, record: Record, *, at_once: bool = False) -> None:
        """Return a record to the queue: at once, or after a delay that doubles with each failure."""
        failures = int(record["attributes"]["ApproximateReceiveCount"])
        self._delays_s[record["messageId"]] = 0 if at_once else min(2**failures, _LONGEST_DELAY_S)

    def _postpone(self, delays_s: Mapping[str, int]) -> None:
        """Postpone each record by its own delay, all in one call, since an outage fails whole batches."""
        infrastructure = self._app.infrastructure
        # While the queue is down, its own visibility timeout returns the items as well, only later.
        with suppress(Unavailable):
            infrastructure.queues.postpone(infrastructure.settings.queue_url(self._item.queue), delays_s)


def _sets_of(
    item: type[Item], records: Sequence[Record]
) -> tuple[list[list[tuple[Record, Item]]], list[Record]]:
    """Return the records of each organization that has several, with their items, and those to process alone."""
    sets: dict[Any, list[tuple[Record, Item]]] = {}
    alone: list[Record] = []
    for record in records:
        try:
            read = item.read(record)
        except ValidationError:
            alone.append(record)
        else:
            sets.setdefault(_organization_of(read), []).append((record, read))
    alone += [one[0][0] for one in sets.values() if len(one) == 1]
    return [one for one in sets.values() if len(one) > 1], alone


def _attempt_set(
    function: Callable[[Sequence[Item], App], None], app: App, items: Sequence[Item]
) -> _Outcome:
    """Process a set; if it fails, its items say why when they are processed alone."""
    try:
        function(items, app)
    except Exception as error:  # noqa: BLE001 -- any item may be the cause, and the others must not fail with it
        get_logger().info("set failed, and its items are processed alone", error=str(error), items=len(items))
        return _Outcome(cause_of(error), is_outage=isinstance(error, Unavailable))
    return _WORKED


def _attempt(
    item: type[Item], function: Callable[[Item, App], None], app: App, record: dict[str, Any]
) -> _Outcome:
    try:
        function(item.read(record), app)
    except NotFound as error:
        get_logger().warning("the item's row is gone", error=error.message)
        return _WORKED
    except Exception as error:  # noqa: BLE001 -- one item's failure must not take its batch mates along
        _log_failure(error)
        return _Outcome(cause_of(error), is_outage=isinstance(error, Unavailable))
    return _WORKED


def _log_failure(error: Exception) -> None:
    if isinstance(error, ValidationError):
        # No retry repairs this item. It fails until it goes to the dead letters, where a person looks at it.
        get_logger().error("unreadable queue item", fields=[str(e["loc"]) for e in error.errors()])
    elif isinstance(error, Unavailable):
        # An outage fails every item while it lasts, and its sentence says everything; a stack trace for each would
        # cost more than the attempts.
        get_logger().warning("item failed", code=error.code, error=error.message, cause=str(error.__cause__))
    elif isinstance(error, BanxwayError):
        get_logger().warning("item failed", code=error.code, error=error.message, exc_info=error)
    else:
        get_logger().error("item failed unexpectedly", exc_info=error)
