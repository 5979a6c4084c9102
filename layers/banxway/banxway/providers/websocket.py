"""Sends frames to browsers through API Gateway's management API."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from banxway.clock import Clock
from banxway.log import get_logger
from banxway.models.realtime import Push

_PAUSE_S = 0.2
"""How long a push waits that the API refused for now, before its second and last attempt."""


class ApiGatewayFrames:
    """Posts frames and closes connections; its client is created on first use."""

    def __init__(self, make_client: Callable[[], Any], *, at_once: int, clock: Clock) -> None:
        self._make_client = make_client
        self._client: Any = None
        self._at_once = at_once
        self._clock = clock

    def push(
        self, connection_ids: Sequence[str], frame: bytes, *, may_begin: Callable[[], bool]
    ) -> list[Push]:
        """Post a frame to connections, several at once, and return what became of each, in their order.

        Before each push `may_begin` is asked. The result is shorter than the list if it has said no: those that
        follow were not tried. Never raises. A frame is posted a second time only if the first surely did not arrive.
        """
        return self._each(connection_ids, lambda connection_id: self._push(connection_id, frame), may_begin)

    def close(self, connection_ids: Sequence[str], *, may_begin: Callable[[], bool]) -> list[Push]:
        """Close connections, several at once, as `push` posts; POSTED and GONE are closed ones. Never raises."""
        return self._each(connection_ids, self._close, may_begin)

    def _each(
        self, connection_ids: Sequence[str], act: Callable[[str], Push], may_begin: Callable[[], bool]
    ) -> list[Push]:
        if self._client is None:
            self._client = self._make_client()
        begun = _Begun(connection_ids, may_begin)
        results: dict[int, Push] = {}

        def work() -> None:
            while (position := begun.next()) is not None:
                results[position] = act(connection_ids[position])

        workers = min(self._at_once, len(connection_ids))
        if workers <= 1:
            work()
        else:
            with ThreadPoolExecutor(workers) as pool:
                for running in [pool.submit(work) for _ in range(workers)]:
                    running.result()
        return [results[position] for position in range(len(results))]

    def _push(self, connection_id: str, frame: bytes) -> Push:
        result = self._call("post_to_connection", ConnectionId=connection_id, Data=frame)
        if result is Push.UNREACHABLE:
            self._clock.sleep(_PAUSE_S)
            result = self._call("post_to_connection", ConnectionId=connection_id, Data=frame)
        return result

    def _close(self, connection_id: str) -> Push:
        return self._call("delete_connection", ConnectionId=connection_id)

    def _call(self, operation: str, **arguments: Any) -> Push:
        from botocore import exceptions

        try:
            getattr(self._client, operation)(**arguments)
        except exceptions.ClientError as error:
            result = _meaning(int(error.response["ResponseMetadata"]["HTTPStatusCode"]))
            cause = str(error)
        except exceptions.BotoCoreError as error:
            # Of the others it is not sure that no frame was on its way.
            is_unsent = isinstance(error, exceptions.ConnectionError | exceptions.NoCredentialsError)
            result = Push.UNREACHABLE if is_unsent else Push.FAILED
            cause = str(error)
        else:
            return Push.POSTED
        if result is not Push.GONE:
            get_logger().info("a WebSocket could not be reached", operation=operation, error=cause)
        return result


class _Begun:
    """Hands out the positions of a list, in order and to many threads, until it is over or nothing may begin."""

    def __init__(self, items: Sequence[object], may_begin: Callable[[], bool]) -> None:
        self._positions = iter(range(len(items)))
        self._may_begin = may_begin
        self._is_over = False
        self._lock = threading.Lock()

    def next(self) -> int | None:
        """Return the next position, None at the end."""
        with self._lock:
            # Asked under the lock, so that what was begun is always the beginning of the list.
            self._is_over = self._is_over or not self._may_begin()
            return None if self._is_over else next(self._positions, None)


def _meaning(status: int) -> Push:
    if status == 410:
        return Push.GONE
    return Push.UNREACHABLE if status == 429 or status >= 500 else Push.FAILED
