"""The WebSocket API and its management address (`@connections`), as API Gateway offers them."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from local.gateway.events import request_id, socket_event
from local.gateway.http import read_body
from local.runtime.pool import Pool
from local.template import SocketApi

MAX_FRAME_BYTES = 128 * 1024
_GOING_AWAY = 1001


@dataclass(frozen=True)
class SocketLimits:
    """How long a connection may stay open without a frame in either direction, and in total."""

    idle_s: float = 600.0
    lifetime_s: float = 7200.0


@dataclass
class _Connection:
    socket: WebSocket
    id: str
    connected_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    opened: float = field(default_factory=time.monotonic)
    last_active: float = field(default_factory=time.monotonic)
    last_active_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def touch(self) -> None:
        self.last_active = time.monotonic()
        self.last_active_at = datetime.now(UTC)


class Sockets:
    """All open connections of one WebSocket API."""

    def __init__(self, api: SocketApi, pool: Pool, *, limits: SocketLimits | None = None) -> None:
        self._api = api
        self._pool = pool
        self._limits = limits or SocketLimits()
        self._open: dict[str, _Connection] = {}
        self._goodbyes: set[asyncio.Task[Any]] = set()

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection from its handshake to its end."""
        connection = _Connection(WebSocket(scope, receive, send), request_id())
        if not await self._admit(connection):
            return
        self._open[connection.id] = connection
        code = _GOING_AWAY
        try:
            code = await self._listen(connection)
        finally:
            del self._open[connection.id]
            self._say_goodbye(connection, code)

    async def manage(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer `POST|GET|DELETE /<stage>/@connections/<id>`; an id that is not open is 410 Gone."""
        connection_id = unquote(scope["path"].rsplit("/@connections/", 1)[-1])
        body = await read_body(receive, MAX_FRAME_BYTES)
        connection = self._open.get(connection_id)
        if connection is None:
            response: Response = Response(status_code=410, headers={"x-amzn-ErrorType": "GoneException"})
        elif body is None:
            response = Response(status_code=413, headers={"x-amzn-ErrorType": "PayloadTooLargeException"})
        else:
            response = await self._act(scope["method"], connection, body)
        await response(scope, receive, send)

    async def close_all(self) -> None:
        """Close every connection, as a deployment of the API would."""
        for connection in list(self._open.values()):
            await _close(connection.socket)

    async def _admit(self, connection: _Connection) -> bool:
        function = self._api.routes.get("$connect")
        answer: Any = {"statusCode": 200}
        if function:
            event = self._event(connection, "$connect", "CONNECT")
            invocation = await self._pool.invoke(function, event)
            answer = {"statusCode": 500} if invocation.error else invocation.result
        status = answer.get("statusCode", 500) if isinstance(answer, dict) else 500
        if status != 200:
            await connection.socket.send_denial_response(JSONResponse({"message": "Forbidden"}, int(status)))
            return False
        chosen = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
        await connection.socket.accept(subprotocol=chosen.get("sec-websocket-protocol"))
        return True

    async def _listen(self, connection: _Connection) -> int:
        """Take frames until the connection ends; return its close code."""
        while True:
            left_s = (
                min(connection.last_active + self._limits.idle_s, connection.opened + self._limits.lifetime_s)
                - time.monotonic()
            )
            if left_s <= 0:
                await _close(connection.socket)
                return _GOING_AWAY
            try:
                frame = await asyncio.wait_for(_frame(connection.socket), left_s)
            except TimeoutError:
                continue
            except WebSocketDisconnect as end:
                return end.code
            connection.touch()
            await self._route(connection, frame)

    async def _route(self, connection: _Connection, frame: str) -> None:
        key = _selected(self._api.selection, frame)
        function = self._api.routes.get(key) or self._api.routes.get("$default")
        if function:
            event = self._event(connection, key if key in self._api.routes else "$default", "MESSAGE")
            await self._pool.invoke(function, {**event, "body": frame})
        else:
            refusal = {"message": "Forbidden", "connectionId": connection.id, "requestId": request_id()}
            await connection.socket.send_text(json.dumps(refusal))

    async def _act(self, method: str, connection: _Connection, body: bytes) -> Response:
        if method == "DELETE":
            await _close(connection.socket)
            return Response(status_code=204)
        if method == "GET":
            scope = connection.socket.scope
            shown = {
                "connectedAt": connection.connected_at.isoformat(),
                "identity": {"sourceIp": str((scope.get("client") or ("",))[0]), "userAgent": ""},
                "lastActiveAt": connection.last_active_at.isoformat(),
            }
            return JSONResponse(shown)
        try:
            await connection.socket.send_text(body.decode(errors="replace"))
        except (RuntimeError, OSError, WebSocketDisconnect):  # it closed a moment ago
            return Response(status_code=410, headers={"x-amzn-ErrorType": "GoneException"})
        connection.touch()
        return Response(status_code=200)

    def _say_goodbye(self, connection: _Connection, code: int) -> None:
        function = self._api.routes.get("$disconnect")
        if function:
            event = self._event(connection, "$disconnect", "DISCONNECT")
            event["requestContext"] |= {"disconnectStatusCode": code, "disconnectReason": ""}
            task = asyncio.create_task(self._pool.invoke(function, event))
            self._goodbyes.add(task)
            task.add_done_callback(self._goodbyes.discard)

    def _event(self, connection: _Connection, route: str, kind: str) -> dict[str, Any]:
        return socket_event(
            connection.socket.scope,
            connection_id=connection.id,
            connected_at=connection.connected_at,
            route=route,
            kind=kind,
        )


async def _frame(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | None = message.get("text")
    return text if text is not None else str(message.get("bytes", b""), "utf-8", "replace")


async def _close(socket: WebSocket) -> None:
    try:
        await socket.close(_GOING_AWAY)
    except (RuntimeError, OSError):
        return  # closed already


def _selected(expression: str, frame: str) -> str:
    """Return the route key that `$request.body.<name>` finds in a frame."""
    try:
        value = json.loads(frame)[expression.rsplit(".", 1)[-1]]
    except (ValueError, KeyError, TypeError):
        return "$default"
    return str(value)
