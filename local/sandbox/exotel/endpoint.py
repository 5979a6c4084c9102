"""Turns an operation into an HTTP endpoint: records the request, applies faults, shapes the answer."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local.sandbox.exotel.accounts import Account, region_of
from local.sandbox.exotel.answers import Answer, Family, Refused
from local.sandbox.exotel.breakages import EXOTEL, Breakage, affecting
from local.sandbox.exotel.faults import Fault
from local.sandbox.exotel.transport import BrokenOff, left
from local.sandbox.exotel.world import Received, World

_PAGE = "<html><head><title>Service</title></head><body><h1>It works</h1></body></html>"
_FAULT_MESSAGES = {
    401: "Authentication failed",
    403: "Access denied",
    404: "Not found",
    429: "Too many requests",
}


@dataclass(frozen=True)
class Asked:
    """One request, read completely."""

    method: str
    params: dict[str, str]
    query: dict[str, str]
    content_type: str
    body: bytes


Operation = Callable[[World, Account, Asked], Answer]


class Endpoint:
    """One provider operation over HTTP."""

    def __init__(
        self, world: World, name: str, act: Operation, family: Family, *, as_xml: bool = False
    ) -> None:
        self._world = world
        self._name = name
        self._act = act
        self._family = family
        self._as_xml = as_xml

    async def respond(self, request: Request) -> Response:
        """Answer one request as Exotel would, or as the next fault wants."""
        asked = Asked(
            request.method,
            {key: str(value) for key, value in request.path_params.items()},
            dict(request.query_params),
            request.headers.get("content-type", ""),
            await request.body(),
        )
        seen = self._record(request, asked)
        fault = self._world.faults.take(self._name)
        broken = None if fault else self._world.breakages.take(affecting(self._name))
        breakage = EXOTEL[broken] if broken else Breakage()
        fault = fault or breakage.fault_of(self._name)
        seen.fault = broken or (fault.kind if fault else None)
        response = await self._answer(fault, breakage.account, request, asked, seen)
        self._world.keep_received(seen)
        return response

    async def _answer(
        self, fault: Fault | None, changes: Mapping[str, Any], request: Request, asked: Asked, seen: Received
    ) -> Response:
        if fault and not fault.accepts:
            return await self._refuse_by(fault, request, asked, seen)
        answer = self._serve(request, asked, changes)
        seen.sids = answer.sids
        response = await self._spoiled(answer, fault, request) if fault else _response(answer)
        seen.outcome = {"status": response.status_code, "sids": answer.sids}
        return response

    def _record(self, request: Request, asked: Asked) -> Received:
        try:
            body: Any = json.loads(asked.body) if asked.body else None
        except ValueError:
            body = asked.body.decode(errors="replace")
        seen = Received(
            id=len(self._world.received) + 1,
            at=datetime.now(UTC).isoformat(),
            kind=self._name.partition(".")[0],
            operation=self._name,
            method=asked.method,
            path=request.url.path,
            query=asked.query,
            body=body,
        )
        self._world.keep_received(seen)
        return seen

    def _serve(self, request: Request, asked: Asked, changes: Mapping[str, Any]) -> Answer:
        try:
            account = self._world.accounts.admit(
                authorization=request.headers.get("authorization", ""),
                region=region_of(request.headers.get("host", "")) or request.scope.get("region"),
                account_sid=asked.params["sid"],
            )
            self._world.count_request(account)
            answer = self._act(self._world, replace(account, **changes), asked)
        except Refused as refused:
            return refused.answer(self._family, method=asked.method, as_xml=self._as_xml)
        answer.as_xml = self._as_xml
        return answer

    async def _refuse_by(self, fault: Fault, request: Request, asked: Asked, seen: Received) -> Response:
        if fault.kind == "status":
            message = fault.message or _FAULT_MESSAGES.get(fault.status, "Service unavailable")
            answer = Refused(fault.status, message).answer(self._family, method=asked.method)
            if fault.retry_after is not None:
                answer.headers["Retry-After"] = str(fault.retry_after)
            seen.outcome = {"status": fault.status, "sids": []}
            return _response(answer)
        if fault.kind == "hang":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(left(request), fault.seconds)
        seen.outcome = {"status": None, "sids": []}
        return BrokenOff(Response(), after_bytes=0)

    async def _spoiled(self, answer: Answer, fault: Fault, request: Request) -> Response:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds or 0)
        elif fault.kind == "hold":
            await self._world.released.wait()
        elif fault.kind == "close_after_bytes":
            return BrokenOff(_response(answer), after_bytes=fault.bytes)
        elif fault.kind == "html":
            return Response(_PAGE, 200, media_type="text/html")
        elif fault.kind == "truncated":
            content_type, body = answer.encoded()
            return Response(body[: len(body) // 2], 200, media_type=content_type)
        elif fault.kind == "no_sid":
            answer.content = without_sids(answer.content)
        elif fault.kind == "accept_then_500":
            return _response(Refused(500, "Internal error").answer(self._family, method=request.method))
        return _response(answer)


def without_sids(content: Any) -> Any:
    """Return JSON with every `sid` left out."""
    if isinstance(content, dict):
        return {key: without_sids(value) for key, value in content.items() if key not in ("sid", "Sid")}
    if isinstance(content, list):
        return [without_sids(each) for each in content]
    return content


def _response(answer: Answer) -> Response:
    content_type, body = answer.encoded()
    return Response(body, answer.status, headers=answer.headers, media_type=content_type)
