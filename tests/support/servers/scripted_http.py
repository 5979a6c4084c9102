"""An HTTP server that records every request and answers each with the next reply of a script."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.servers.tcp_server import TcpServer, reset
from tests.support.timing.waiting import eventually


@dataclass(frozen=True)
class Reply:
    """Raw bytes, then what becomes of the connection: "close", "reset", "keep" or "hang"."""

    raw: bytes
    then: str = "close"


@dataclass(frozen=True)
class Request:
    """One request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answer(status: int, body: object = b"", *, then: str = "close", **headers: str) -> Reply:
    """Write a complete reply; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(content)}"]
    lines += ["Connection: close"] if then == "close" else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Reply("\r\n".join(lines).encode() + b"\r\n\r\n" + content, then)


class ScriptedHttp(TcpServer):
    """Replies in the script's order, then always with the last; a function chooses its reply by the request."""

    def __init__(self, *replies: "Reply | Callable[[Request], Reply]") -> None:
        super().__init__(self._talk)
        self.replies = list(replies)
        self.requests: list[Request] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def methods(self, count: int) -> list[str]:
        """Return the methods of the requests, once there are `count`: a client may give up before we have read on."""
        eventually(lambda: len(self.requests) >= count)
        return [request.method for request in self.requests]

    def _talk(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        while request := _read_request(stream):
            self.requests.append(request)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            reply = reply if isinstance(reply, Reply) else reply(request)
            connection.sendall(reply.raw)
            if reply.then == "hang":
                self.stopping.wait()
            if reply.then == "reset":
                stream.close()
                return reset(connection)
            if reply.then != "keep":
                break
        stream.close()
        connection.close()
        return None


def _read_request(stream: Any) -> Request | None:
    start = stream.readline().decode().split()
    if len(start) != 3:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Request(start[0], start[1], headers, stream.read(int(headers.get("content-length", "0"))))
