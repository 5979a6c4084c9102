"""Lets an answer break off in the middle, by access to the connection below an ASGI request."""

import asyncio
from contextvars import ContextVar
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_connection: ContextVar[asyncio.Transport] = ContextVar("connection")


class BreakableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, whose requests know their connection: their tasks copy the context."""

    def data_received(self, data: bytes) -> None:
        """Record the connection before the request starts."""
        _connection.set(self.transport)
        super().data_received(data)


class BrokenOff(Response):
    """Sends the first bytes of an answer (head and body), then closes the connection."""

    def __init__(self, answer: Response, *, after_bytes: int) -> None:
        super().__init__()
        head = f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}\r\n".encode()
        for name, value in answer.raw_headers:
            head += name + b": " + value + b"\r\n"
        self._part = (head + b"\r\n" + bytes(answer.body))[:after_bytes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write past the ASGI server, then wait until it has noticed the loss."""
        del send
        connection = _connection.get()
        connection.write(self._part)
        connection.close()
        await left(Request(scope, receive))


async def left(request: Request) -> None:
    """Return once the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
