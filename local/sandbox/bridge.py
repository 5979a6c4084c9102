"""Lets an ASGI application be called from another event loop than its own."""

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class _Exchange:
    """One request, read completely, and its answer."""

    body: bytes
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    answer: bytes = b""

    async def receive(self) -> Message:
        """Hand the body over."""
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Collect the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.answer += message.get("body", b"")


class OnLoop:
    """An ASGI application whose requests run on another event loop; bodies are passed in one piece."""

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request on the other loop and send its answer from this one."""
        exchange = _Exchange(await Request(scope, receive).body())
        there: Future[Any] = asyncio.run_coroutine_threadsafe(self._call(scope, exchange), self._loop)
        await asyncio.wrap_future(there)
        response = Response(exchange.answer, exchange.status)
        response.raw_headers = exchange.headers
        await response(scope, receive, send)

    async def _call(self, scope: Scope, exchange: _Exchange) -> None:
        await self._app(dict(scope), exchange.receive, exchange.send)
