"""JSON endpoints for the control APIs: they take an object and return an object, or 400 with the error."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Item = TypeVar("Item")
Act = Callable[[Request, dict[str, Any]], Awaitable[Any]]


def json_route(method: str, path: str, act: Act) -> Route:
    """Return a route whose function takes the body's object and returns JSON or a Response.

    A ValueError from it is answered with 400 {"error": …}.
    """

    async def respond(request: Request) -> Response:
        try:
            answer = await act(request, await _read_object(request))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return Route(path, respond, methods=[method])


def newest(items: list[Item], request: Request) -> list[Item]:
    """Return the last items of a list, as many as the query's `last`. Raises ValueError."""
    return items[-max(1, int(request.query_params["last"])) :] if "last" in request.query_params else items


async def _read_object(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        values = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise ValueError("the body is not JSON") from None
    if isinstance(values, dict):
        return values
    raise ValueError("expected a JSON object")
