"""The local WebSocket API in a thread, with connections that do not work; and clients by the thousand.

with live_api(bundle) as api:                       # $connect and $disconnect are the product's
    bundle.app.infrastructure.frames = frames_at(api.url)
    with listening(api.addresses(tickets)) as heard:
        eventually(lambda: all(numbers[-1:] == [7] for numbers in heard))
"""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from banxway.providers.websocket import ApiGatewayFrames
from functions.realtime.connect.app import handler as on_connect
from functions.realtime.disconnect.app import handler as on_disconnect
from local.gateway.answers import plain
from local.gateway.http import write
from local.gateway.sockets import Sockets
from local.runtime.invocation import Invocation
from local.template import SocketApi
from tests.support.hostile.web_server import serving
from tests.support.product.app import Bundle
from tests.support.timing.clocks import SetClock
from tests.support.timing.waiting import PATIENCE_S, eventually

_OPENED_AT_ONCE = 20
_HANDLERS = {"Connect": on_connect, "Disconnect": on_disconnect}


def frames_at(url: str, *, read_timeout_s: float = PATIENCE_S, at_once: int = 16) -> ApiGatewayFrames:
    """Make the product's own client, but with all the time that a busy machine needs."""
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        connect_timeout=PATIENCE_S,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=at_once,
    )

    def make_client() -> Any:
        return get_session().create_client(
            "apigatewaymanagementapi",
            region_name="ap-south-1",
            endpoint_url=f"{url}/live",
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=config,
        )

    return ApiGatewayFrames(make_client, at_once=at_once, clock=SetClock())


class LiveApi:
    """The gateway's WebSocket API. `faults` says of a connection how its management address fails.

    "forbidden" is answered with 403, "reset" breaks in the middle of the answer, and "hang" does so when
    `posted` has come to the length `hangs_until`.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._lock = threading.Lock()
        self._sockets = Sockets(
            SocketApi("live", "$request.body.action", {"$connect": "Connect", "$disconnect": "Disconnect"}),
            self,  # type: ignore[arg-type]  # invokes as the pool does
        )
        self.url = ""
        self.faults: dict[str, str] = {}
        self.hangs_until = 0
        self.posted: list[str] = []

    def addresses(self, tickets: Sequence[str]) -> list[str]:
        """Return where a client connects with each ticket."""
        return [f"{self.url.replace('http', 'ws', 1)}/live?ticket={ticket}" for ticket in tickets]

    def is_quiet(self) -> bool:
        """Return whether every connection is closed, and the product has been notified of it."""
        return not self._sockets._open and not self._sockets._goodbyes

    async def invoke(self, function: str, event: dict[str, Any]) -> Invocation:
        """Let the product's function answer, in a process of its own as it were."""
        return Invocation(result=await asyncio.to_thread(self._call, function, event))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one WebSocket, or one request to the management address."""
        if scope["type"] == "websocket":
            await self._sockets.serve(scope, receive, send)
            return
        connection_id = unquote(scope["path"].rpartition("/")[2])
        fault = self.faults.get(connection_id)
        if fault == "hang":
            await asyncio.to_thread(eventually, lambda: len(self.posted) >= self.hangs_until)
        if fault == "forbidden":
            await write(send, plain(403, "Forbidden"))
        elif fault:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
            raise ConnectionResetError("on purpose")
        else:
            await self._sockets.manage(scope, receive, send)
            self.posted.append(connection_id)

    def _call(self, function: str, event: dict[str, Any]) -> Any:
        with self._lock:
            return self._bundle.call(_HANDLERS[function], event)


@contextmanager
def live_api(bundle: Bundle) -> Iterator[LiveApi]:
    """Serve the WebSocket API of a bundle's deployment."""
    beside = bundle.twin()
    api = LiveApi(beside)
    with serving(api) as api.url:
        yield api
        eventually(api.is_quiet)
    beside.close()


@contextmanager
def listening(addresses: Sequence[str]) -> Iterator[list[list[int]]]:
    """Open a WebSocket at each address; yields the numbers that each has received so far, in their order."""
    heard: list[list[int]] = [[] for _ in addresses]
    open_ones: dict[int, ClientConnection] = {}
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def listen(number: int, gate: asyncio.Semaphore) -> None:
        async with gate:
            socket = await connect(
                addresses[number], open_timeout=None, ping_interval=None, compression=None, proxy=None
            )
        open_ones[number] = socket
        with suppress(ConnectionClosed):
            async for frame in socket:
                heard[number].append(json.loads(frame)["latest"])

    async def run() -> None:
        gate = asyncio.Semaphore(_OPENED_AT_ONCE)
        tasks = [asyncio.create_task(listen(number, gate)) for number in range(len(addresses))]
        await stop.wait()
        await asyncio.gather(*(socket.close() for socket in open_ones.values()))
        await asyncio.gather(*tasks)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        eventually(lambda: len(open_ones) == len(addresses))
        yield heard
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
