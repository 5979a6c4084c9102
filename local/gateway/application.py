"""Routes every request of the one port: to the APIs, the sockets or the runner's own pages."""

from typing import Any

from starlette.datastructures import Headers

from local.gateway import answers
from local.gateway.http import write

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Application:
    """The gateway as one ASGI application. Until `ready` is set it answers everything with 503."""

    def __init__(self) -> None:
        self.ready = False
        self.http: Any = None
        self.sockets: Any = None
        self.socket_path: str | None = None
        self.own: Any = None
        self.sandbox: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request or one WebSocket."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif not self.ready:
            await write(send, answers.unavailable())
        else:
            await self._application(scope["path"], Headers(scope=scope))(scope, receive, send)

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        if self.ready and scope["path"] == self.socket_path:
            await self.sockets.serve(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})

    def _application(self, path: str, headers: Headers) -> Any:
        if self.socket_path and path.startswith(f"{self.socket_path}/@connections/"):
            return self.sockets.manage
        if path.startswith("/local/"):
            return self.own if _is_from_here(headers) else _refuse
        if self.sandbox and path.startswith("/sandbox/api/"):
            return self.sandbox if _is_from_here(headers) else _refuse
        return self.http


def _is_from_here(headers: Headers) -> bool:
    """Return whether a page of this machine asks. /local/token hands out tokens: no other site may ask."""
    host = headers.get("host", "")
    origin = headers.get("origin")
    return host.rsplit(":", 1)[0] in _LOOPBACK and (origin is None or origin.split("://")[-1] == host)


async def _refuse(_scope: Any, _receive: Any, send: Any) -> None:
    await write(send, answers.plain(403, "Only pages of this machine may ask"))
