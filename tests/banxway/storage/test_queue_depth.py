"""How many items wait on a queue, as the diagnosis reads it."""

import json
from typing import Any
from uuid import uuid4

import pytest

from banxway.errors import Unavailable
from banxway.storage.queues import QueueDepth, Queues
from tests.support.product.moto_aws import sqs_client

NOWHERE = "https://sqs.ap-south-1.amazonaws.com/123456789012/nobody"


@pytest.fixture
def sqs() -> Any:
    return sqs_client()


@pytest.fixture
def name() -> str:
    """The URL of a queue that no other test uses."""
    return f"work-{uuid4().hex}"


def test_what_waits_is_counted_on_the_queue_and_on_its_dead_letters(sqs: Any, name: str) -> None:
    letters = sqs.create_queue(QueueName=f"{name}-letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    for queue in (url, url, letters):
        sqs.send_message(QueueUrl=queue, MessageBody="{}")

    assert Queues(lambda: sqs).measure(url) == QueueDepth(waiting=2, oldest_s=None, dead_letters=1)


def test_a_queue_without_dead_letters_says_so(sqs: Any, name: str) -> None:
    url = sqs.create_queue(QueueName=name)["QueueUrl"]

    assert Queues(lambda: sqs).measure(url) == QueueDepth(waiting=0, oldest_s=None, dead_letters=None)


def test_an_unknown_queue_is_unavailable(sqs: Any) -> None:
    with pytest.raises(Unavailable):
        Queues(lambda: sqs).measure(NOWHERE)
