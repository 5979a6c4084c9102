"""The running product's queues, seen and fed from outside."""

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from uuid import uuid4

from tests.support.running.runner import Runner

EMPTY = {"visible": 0, "hidden": 0, "delayed": 0}


class RunnerQueues:
    """The queues of one runner, over SQS's own protocol."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    @cached_property
    def _client(self) -> Any:
        import boto3

        make: Callable[..., Any] = boto3.client
        return make(
            "sqs",
            endpoint_url=self._runner.info["sqs"]["url"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def _url(self, name: str) -> str:
        return str(self._runner.info["sqs"]["queues"][name])

    def send_due(self, organization_id: object, message_id: object, *, queue: str = "MessageQueue") -> None:
        """Enqueue a message of the ledger once more."""
        body = json.dumps({"organization_id": str(organization_id), "message_id": str(message_id)})
        self._client.send_message(
            QueueUrl=self._url(queue), MessageBody=body, MessageGroupId=str(organization_id)
        )

    def give_up(
        self, source: str, item: Mapping[str, object], *, cause: str, sentence: str, tried: int = 30
    ) -> None:
        """Put an item of a queue into the dead letters, as its worker does after its last attempt."""
        said = {
            "source": source,
            "queue_message_id": str(uuid4()),
            "cause": cause,
            "sentence": sentence,
            "tried": str(tried),
            "first_received_ms": "1793590502000",
            "given_up_ms": "1793597702000",
        }
        self._client.send_message(
            QueueUrl=self._url("DeadLetterQueue"),
            MessageBody=json.dumps(item),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": text} for name, text in said.items()
            },
        )

    def purge(self, name: str) -> None:
        """Delete everything in a queue."""
        self._client.purge_queue(QueueUrl=self._url(name))

    def depth(self, name: str) -> dict[str, int]:
        """Return how many messages a queue shows, hides while they are worked on or wait for a retry, delays."""
        found = self._client.get_queue_attributes(QueueUrl=self._url(name), AttributeNames=["All"])
        attributes = found["Attributes"]
        return {
            "visible": int(attributes["ApproximateNumberOfMessages"]),
            "hidden": int(attributes["ApproximateNumberOfMessagesNotVisible"]),
            "delayed": int(attributes["ApproximateNumberOfMessagesDelayed"]),
        }
