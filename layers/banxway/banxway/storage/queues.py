"""Queues of ids, on SQS. A lost queue loses no work: the rows say what is due, and sweepers enqueue it again."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from banxway.errors import Unavailable

_MOST_ENTRIES = 10  # of one batch call


# Not a dataclass: a cold receiver imports this file, and a dataclass costs milliseconds.
class QueueDepth(NamedTuple):
    """How many items wait on a queue; `oldest_s` is the oldest one's age, None if the queue reports none."""

    waiting: int
    oldest_s: float | None


class Queues:
    """The deployment's queues, by their URLs; the client is made on first use."""

    def __init__(self, make_client: Callable[[], Any]) -> None:
        self._make_client = make_client
        self._client: Any = None
        self._making = threading.Lock()

    def prepare(self) -> None:
        """Make the client, which takes most of a first call's time; it connects with the first call."""
        with self._making:
            self._client = self._client or self._make_client()

    def send(
        self,
        queue_url: str,
        body: str,
        *,
        group: str | None = None,
        delay_s: int = 0,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Put one item, a JSON text, on a queue; it is delivered after `delay_s`, at most 900. Raises Unavailable.

        `attributes` are at most ten texts beside the body, none of them empty.
        On a standard queue items of one `group` keep no order and may be processed side by side; the queue sees to
        it that no group delays the others (SQS fair queues).
        """
        self._call(
            "send_message",
            QueueUrl=queue_url,
            MessageBody=body,
            **({"MessageGroupId": group} if group else {}),
            **({"DelaySeconds": delay_s} if delay_s else {}),
            **({"MessageAttributes": _texts(attributes)} if attributes else {}),
        )

    def postpone(self, queue_url: str, delays_s: Mapping[str, int]) -> None:
        """Set each received message's visibility timeout, in seconds by receipt handle. Raises Unavailable.

        Handles that the queue no longer knows are ignored.
        """
        handles = list(delays_s)
        for start in range(0, len(handles), _MOST_ENTRIES):
            entries = [
                {"Id": str(position), "ReceiptHandle": handle, "VisibilityTimeout": delays_s[handle]}
                for position, handle in enumerate(handles[start : start + _MOST_ENTRIES])
            ]
            self._call("change_message_visibility_batch", QueueUrl=queue_url, Entries=entries)

    def measure(self, queue_url: str) -> QueueDepth:
        """Return how many items wait on a queue. Raises Unavailable."""
        answer = self._call("get_queue_attributes", QueueUrl=queue_url, AttributeNames=["All"])
        attributes: Mapping[str, str] = answer["Attributes"]
        oldest = attributes.get("ApproximateAgeOfOldestMessage")
        return QueueDepth(
            waiting=int(attributes["ApproximateNumberOfMessages"]),
            oldest_s=float(oldest) if oldest else None,
        )

    def _call(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        self.prepare()
        try:
            result: Mapping[str, Any] = getattr(self._client, operation)(**arguments)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("The queue does not answer; try again shortly") from error
        return result


def _texts(attributes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
