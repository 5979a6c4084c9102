"""Queues of ids, on SQS. A queue may be lost without losing work: rows are the truth, sweepers re-enqueue."""

from collections.abc import Callable, Mapping
from typing import Any

from banxway.errors import Unavailable

_MOST_ENTRIES = 10  # of one batch call


class Queues:
    """The deployment's queues, by the last segment of their URL; the client is made on first use."""

    def __init__(self, make_client: Callable[[], Any]) -> None:
        self._make_client = make_client
        self._client: Any = None

    def send(self, queue_url: str, body: str, *, delay_s: int = 0) -> None:
        """Put one item, as JSON, on a queue, to be seen after a delay of at most 900 s. Raises Unavailable."""
        self._call(
            "send_message",
            QueueUrl=queue_url,
            MessageBody=body,
            **({"DelaySeconds": delay_s} if delay_s else {}),
        )

    def postpone(self, queue_url: str, delays_s: Mapping[str, int]) -> None:
        """Let received messages, by receipt handle, come back after so many seconds each.

        Instead of the queue's own timeout, which stays for those that the queue no longer knows. Raises
        Unavailable.
        """
        handles = list(delays_s)
        for start in range(0, len(handles), _MOST_ENTRIES):
            entries = [
                {"Id": str(position), "ReceiptHandle": handle, "VisibilityTimeout": delays_s[handle]}
                for position, handle in enumerate(handles[start : start + _MOST_ENTRIES])
            ]
            self._call("change_message_visibility_batch", QueueUrl=queue_url, Entries=entries)

    def _call(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        if self._client is None:
            self._client = self._make_client()
        try:
            result: Mapping[str, Any] = getattr(self._client, operation)(**arguments)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("The queue does not answer; try again shortly") from error
        return result
