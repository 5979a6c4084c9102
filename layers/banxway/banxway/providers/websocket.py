"""Sends frames to browsers through API Gateway's management API."""

from collections.abc import Callable
from typing import Any

from banxway.errors import Unavailable


class ApiGatewayFrames:
    """Posts frames and closes connections; its client is created on first use."""

    def __init__(self, make_client: Callable[[], Any]) -> None:
        self._make_client = make_client
        self._client: Any = None

    def push(self, connection_id: str, frame: bytes) -> bool:
        """Post one frame and return whether its connection still exists (no 410 Gone). Raises Unavailable."""
        return self._call("post_to_connection", ConnectionId=connection_id, Data=frame)

    def close(self, connection_id: str) -> None:
        """Close a connection; does nothing if it is already gone. Raises Unavailable."""
        self._call("delete_connection", ConnectionId=connection_id)

    def _call(self, operation: str, **arguments: Any) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        if self._client is None:
            self._client = self._make_client()
        try:
            getattr(self._client, operation)(**arguments)
        except self._client.exceptions.GoneException:
            return False
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("Open WebSockets cannot be reached; try again shortly") from error
        return True
