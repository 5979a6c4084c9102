"""@socket: the decorator that turns one plain function into a route of the WebSocket API.

    @socket
    def handler(connection: Connection, app: App) -> None: ...

If the function returns, the connection is accepted; if it raises an error, it is refused with the error's status.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.invocation import invocation
from banxway.errors import BanxwayError
from banxway.log import get_logger


@dataclass(frozen=True, slots=True)
class Connection:
    """One WebSocket: API Gateway's id of it, and the ticket and origin of the request that opened it.

    `origin` is the origin of the page that opened it, None for a client that is not a browser.
    """

    id: str
    ticket: str | None
    origin: str | None


def socket(function: Callable[[Connection, App], None]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Serve a route of the WebSocket API."""

    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        app = current_app()
        query = event.get("queryStringParameters") or {}
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        connection = Connection(
            id=event["requestContext"]["connectionId"],
            ticket=query.get("ticket"),
            origin=headers.get("origin"),
        )
        with invocation(app, context, "socket", route=event["requestContext"]["routeKey"]):
            try:
                function(connection, app)
            except BanxwayError as error:
                get_logger().warning("connection refused", reason=error.message)
                return {"statusCode": error.status, "body": error.message}
            return {"statusCode": 200}

    handler.socket = True  # type: ignore[attr-defined]  # read by the tests
    return handler
