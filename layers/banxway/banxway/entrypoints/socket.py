"""@socket: what turns one plain function into a route of the WebSocket API.

    @socket
    def handler(connection: Connection, app: App) -> None: ...

Returning lets the connection through; a raised error refuses it with its status.
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
    """One WebSocket: API Gateway's id of it, and the ticket that was in its URL, if any."""

    id: str
    ticket: str | None


def socket(function: Callable[[Connection, App], None]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Serve a route of the WebSocket API."""

    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        app = current_app()
        query = event.get("queryStringParameters") or {}
        connection = Connection(id=event["requestContext"]["connectionId"], ticket=query.get("ticket"))
        with invocation(app, context, route=event["requestContext"]["routeKey"]):
            try:
                function(connection, app)
            except BanxwayError as error:
                get_logger().warning("connection refused", reason=error.message)
                return {"statusCode": error.status, "body": error.message}
            return {"statusCode": 200}

    handler.socket = True  # type: ignore[attr-defined]  # read by the tests
    return handler
