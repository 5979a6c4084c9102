"""HTTP servers on ports that are taken before anything else starts."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from local.gateway.sockets import MAX_FRAME_BYTES
from local.refusal import CannotStart, sentence

_LAST_PORT = 65_535


def claim(port: int) -> socket.socket:
    """Listen on a port of this machine, 0 for any free one. Raises CannotStart."""
    if not 0 <= port <= _LAST_PORT:
        raise CannotStart(f"port {port} does not exist: choose one from 1 to {_LAST_PORT} with PORT=…")
    # The protocol must be named: only then asyncio turns off Nagle's delay (40 ms per answer).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotStart(f"port {port} {_trouble(error)}") from error
    return listener


def _trouble(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is taken by another program: choose another with PORT=…"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "is reserved for the system: choose one from 1024 on with PORT=…"
    return f"cannot be used: {sentence(error)}"


class Server:
    """One ASGI application on one port."""

    def __init__(self, application: Any, listener: socket.socket) -> None:
        config = uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=MAX_FRAME_BYTES,
            ws_ping_interval=None,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        self._server = _Uvicorn(config)
        self._listener = listener
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start serving, and return when requests are accepted."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise RuntimeError("the HTTP server ended before it started")
            await asyncio.sleep(0.002)

    async def stop(self) -> None:
        """Finish the requests under way, for at most a second."""
        self._server.should_exit = True
        if self._task:
            await self._task


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the runner."""
        yield
