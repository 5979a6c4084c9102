"""How many items wait on a queue, as the diagnosis reads it."""

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


def test_what_waits_is_counted(sqs: Any, name: str) -> None:
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    for _ in range(2):
        sqs.send_message(QueueUrl=url, MessageBody="{}")

    assert Queues(lambda: sqs).measure(url) == QueueDepth(waiting=2, oldest_s=None)


def test_an_unknown_queue_is_unavailable(sqs: Any) -> None:
    with pytest.raises(Unavailable):
        Queues(lambda: sqs).measure(NOWHERE)
