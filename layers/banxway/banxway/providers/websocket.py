"""Frames to browsers, through API Gateway's management API."""

from collections.abc import Callable
from typing import Any

from banxway.errors import Unavailable


class ApiGatewayFrames:
    """Posts frames with `post_to_connection`; the client is made on first use."""

    def __init__(self, make_client: Callable[[], Any]) -> None:
        self._make_client = make_client
        self._client: Any = None

    def push(self, connection_id: str, frame: bytes) -> bool:
        """Post one frame; False if API Gateway says 410 Gone. Raises Unavailable."""
        from botocore.exceptions import BotoCoreError, ClientError

        if self._client is None:
            self._client = self._make_client()
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=frame)
        except self._client.exceptions.GoneException:
            return False
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("Frames cannot be posted; they will be fetched as missed changes") from error
        return True
