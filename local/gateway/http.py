"""The HTTP API: a request in, a function's answer out, within API Gateway's limits."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from local.gateway import answers, cors
from local.gateway.answers import Answer
from local.gateway.events import http_event, joined_headers, request_id
from local.gateway.routes import Router
from local.runtime.pool import Pool
from local.template import Template


@dataclass(frozen=True)
class HttpLimits:
    """API Gateway's limits on a request, and Lambda's on the event made of it."""

    body_bytes: int = 10 * 1024 * 1024
    event_bytes: int = 6 * 1024 * 1024
    answer_s: float = 30.0


class HttpApi:
    """The template's HTTP API as an ASGI application. `fallback` answers what matches no route."""

    def __init__(
        self, template: Template, pool: Pool, *, fallback: Any = None, limits: HttpLimits | None = None
    ) -> None:
        self._router = Router(template.routes)
        self._cors = template.cors
        self._pool = pool
        self._fallback = fallback
        self._limits = limits or HttpLimits()
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        headers = joined_headers(scope["headers"])
        if self._cors.origins and cors.is_preflight(scope["method"], headers):
            await write(send, cors.preflight(self._cors, headers))
            return
        match = self._router.match(scope["method"], scope["path"])
        if match is None and self._fallback:
            await self._fallback(scope, receive, send)
            return
        body = await read_body(receive, self._limits.body_bytes)
        if match is None:
            answer = answers.not_found()
        elif body is None:
            answer = answers.too_large()
        else:
            answer = await self._invoke(match.route.function, http_event(scope, body, match))
        await write(send, cors.marked(answer, self._cors, headers))

    async def _invoke(self, function: str, event: dict[str, Any]) -> Answer:
        payload = json.dumps(event, separators=(",", ":")).encode()
        if len(payload) > self._limits.event_bytes:
            return answers.too_large()
        call = asyncio.create_task(self._pool.invoke(function, payload))
        self._abandoned.add(
            call
        )  # a call outlives the request: Lambda runs on after API Gateway has given up
        call.add_done_callback(self._abandoned.discard)
        try:
            invocation = await asyncio.wait_for(asyncio.shield(call), self._limits.answer_s)
        except TimeoutError:
            return answers.unavailable()
        return answers.internal_error() if invocation.error else answers.from_result(invocation.result)


async def read_body(receive: Any, limit: int) -> bytes | None:
    """Return a request's body, or None if it is longer than `limit`; it is read to its end all the same."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if size <= limit else None


async def write(send: Any, answer: Answer) -> None:
    """Write a response, with the request id that API Gateway adds."""
    headers = [*answer.headers, ("apigw-requestid", request_id())]
    if answer.status not in (204, 304):
        headers.append(("content-length", str(len(answer.body))))
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})
