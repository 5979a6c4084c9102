"""Pushes an organization's changes to its open WebSockets.

A frame only says how far the organization has come; clients ask `GET /communications/changes` for what is new. So one
frame for each connection announces everything that happened since the frame before it: that is a batch.

One notifier at a time pushes for an organization. It has a lease, by the database's clock, and looks for newer
changes in the same step in which it ends the lease: a notifier that comes meanwhile may leave at once, and no change
stays unannounced. The lease of a killed notifier expires, and the sweeper notifies again within a minute.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID, uuid4

from banxway.clock import Clock
from banxway.errors import Unavailable
from banxway.log import get_logger
from banxway.models.realtime import Frame, Push
from banxway.providers.base import FramePusher
from banxway.services.realtime.notices import ChangeNotices
from banxway.storage.database import Database, Transaction
from banxway.storage.realtime import connections, pushes
from banxway.storage.realtime.pushes import Batch, Listener

_AT_ONCE = 500
"""How many connections are served before progress is recorded: a killed notifier repeats at most these frames."""
_TURN_PUSHES, _TURN_S = 500, 10.0
"""After so much a notifier makes way: what is left goes to the end of the queue, so that a large organization delays
no other one."""
_LONGEST_PUSH_S = 7.0
"""A push with both attempts and their time-outs (`app/clients.py`)."""
_LEASE_S = 30.0
"""More than a turn, the pushes that end after it, and a transaction before and after."""
_FAILURES_ALLOWED = 5


@dataclass(frozen=True, slots=True)
class _Served:
    """The connections that were tried, with what became of each, and the last one that the batch has served.

    `pushed_through` is None if the batch has served them all.
    """

    listeners: Sequence[Listener]
    results: Sequence[Push]
    pushed_through: str | None

    def having(self, *wanted: Push) -> list[Listener]:
        """Return the connections with one of these results."""
        pairs = zip(self.listeners, self.results, strict=True)
        return [listener for listener, result in pairs if result in wanted]

    @property
    def is_anybody_reached(self) -> bool:
        """Whether the API answered about a connection: then it works, and a failure is the connection's own."""
        return bool(self.having(Push.POSTED, Push.GONE))

    @property
    def broken(self) -> list[Listener]:
        """The connections that have failed too often while others were reached."""
        failed = self.having(Push.FAILED) if self.is_anybody_reached else []
        return [each for each in failed if each.failed_pushes + 1 >= _FAILURES_ALLOWED]


class ChangePushes:
    """Pushes changes, one frame for each connection and batch."""

    def __init__(
        self,
        database: Database,
        *,
        pusher: Callable[[], FramePusher],
        notices: ChangeNotices,
        remaining_s: Callable[[], float],
        clock: Clock,
    ) -> None:
        self._database = database
        self._pusher = pusher
        self._notices = notices
        self._remaining_s = remaining_s
        self._clock = clock

    def push(self, *, organization_id: UUID) -> int:
        """Push what is unpushed, as long as this notifier's turn lasts; return how many frames were posted.

        Does nothing if another notifier is at it. What is left after the turn is enqueued again, as a notice. The
        numbers that a connection receives never decrease. A connection that does not work harms no other one.
        Raises Unavailable if the WebSocket API cannot be reached for any connection.
        """
        turn = _Turn(self._clock, organization_id, remaining_s=self._remaining_s())
        posted, is_left = 0, True
        while is_left and not turn.is_over:
            served = self._serve(turn)
            if served is None:
                return posted
            turn.pushes += len(served.results)
            posted += len(served.having(Push.POSTED))
            is_left = self._record(turn, served)
        if is_left:
            self._notices.notify(organization_id)
        return posted

    def _serve(self, turn: "_Turn") -> _Served | None:
        """Push to the next connections of a batch; None if nothing is unpushed, or another notifier is at it."""
        # The lease begins later by the database's clock, so that it ends there after it has ended here.
        leased_until = self._clock.monotonic() + _LEASE_S
        with self._database.organization(turn.organization_id) as transaction:
            batch = pushes.begin(
                transaction,
                organization_id=turn.organization_id,
                notifier_id=turn.notifier_id,
                lease_s=_LEASE_S,
            )
            if batch is None:
                return None
            listeners = pushes.list_listeners(
                transaction, organization_id=turn.organization_id, after=batch.pushed_through, limit=_AT_ONCE
            )
        results = self._push(batch, listeners, min(turn.ends_at, leased_until - _LONGEST_PUSH_S))
        tried = listeners[: len(results)]
        is_complete = len(tried) == len(listeners) < _AT_ONCE
        last = tried[-1].connection_id if tried else batch.pushed_through
        if Push.UNREACHABLE in results and not {Push.POSTED, Push.GONE} & set(results):
            self._give_up(turn, batch)
        return _Served(tried, results, None if is_complete else last)

    def _push(self, batch: Batch, listeners: Sequence[Listener], last_begin: float) -> list[Push]:
        if not listeners:
            return []
        frame = Frame(latest=batch.latest).model_dump_json().encode()
        return self._pusher().push(
            [each.connection_id for each in listeners],
            frame,
            may_begin=lambda: self._clock.monotonic() < last_begin,
        )

    def _give_up(self, turn: "_Turn", batch: Batch) -> NoReturn:
        """End the lease without any progress, and raise Unavailable: nobody could be reached."""
        with self._database.organization(turn.organization_id) as transaction:
            pushes.advance(
                transaction,
                organization_id=turn.organization_id,
                notifier_id=turn.notifier_id,
                pushed_through=batch.pushed_through,
                goes_on=False,
            )
        raise Unavailable("Open WebSockets cannot be reached; try again shortly")

    def _record(self, turn: "_Turn", served: _Served) -> bool:
        """Record how far the batch has come; return whether something is left for this notifier or the next one."""
        closed = self._close(turn, served.broken)
        with self._database.organization(turn.organization_id) as transaction:
            _record_failures(transaction, turn.organization_id, served, closed)
            is_left = pushes.advance(
                transaction,
                organization_id=turn.organization_id,
                notifier_id=turn.notifier_id,
                pushed_through=served.pushed_through,
                goes_on=not turn.is_over,
            )
        if served.listeners and not served.is_anybody_reached:
            get_logger().error("no WebSocket was reached", connections=len(served.listeners))
        return bool(is_left)

    def _close(self, turn: "_Turn", broken: Sequence[Listener]) -> list[str]:
        """Close connections, so that their browsers connect again; return those for which there was time."""
        names = _ids(broken)
        if not names:
            return []
        tried = self._pusher().close(names, may_begin=lambda: self._clock.monotonic() < turn.ends_at)
        return names[: len(tried)]


class _Turn:
    """One notifier's turn: how much it has done, and when it must end."""

    def __init__(self, clock: Clock, organization_id: UUID, *, remaining_s: float) -> None:
        self.organization_id = organization_id
        self.notifier_id = uuid4()
        self.pushes = 0
        self.ends_at = clock.monotonic() + min(_TURN_S, remaining_s - _LONGEST_PUSH_S)
        self._clock = clock

    @property
    def is_over(self) -> bool:
        """Whether the next in the queue has its turn now."""
        return self.pushes >= _TURN_PUSHES or self._clock.monotonic() >= self.ends_at


def _record_failures(
    transaction: Transaction, organization_id: UUID, served: _Served, closed: Sequence[str]
) -> None:
    """Forget connections that are gone or were closed, and count the failures of the others."""
    if gone := _ids(served.having(Push.GONE)):
        connections.forget_gone(transaction, organization_id=organization_id, connection_ids=gone)
    if closed:
        connections.forget_closed(transaction, organization_id=organization_id, connection_ids=closed)
    failed = _ids(served.having(Push.FAILED)) if served.is_anybody_reached else []
    recovered = _ids(each for each in served.having(Push.POSTED) if each.failed_pushes)
    if failed or recovered:
        pushes.count_failures(
            transaction, organization_id=organization_id, failed=failed, recovered=recovered
        )


def _ids(listeners: Iterable[Listener]) -> list[str]:
    return [each.connection_id for each in listeners]
