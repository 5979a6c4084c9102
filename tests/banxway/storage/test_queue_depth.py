"""How much waits on a queue, as the diagnosis reads it."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from banxway.errors import Unavailable
from banxway.storage.queues import QueueDepth, Queues

NOWHERE = "https://sqs.ap-south-1.amazonaws.com/123456789012/nobody"


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sqs", region_name="ap-south-1", aws_access_key_id="t", aws_secret_access_key="t")


def test_what_waits_is_counted_on_the_queue_and_on_its_dead_letters(sqs):
    letters = sqs.create_queue(QueueName="letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    url = sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    for queue in (url, url, letters):
        sqs.send_message(QueueUrl=queue, MessageBody="{}")

    assert Queues(lambda: sqs).measure(url) == QueueDepth(waiting=2, oldest_s=None, dead_letters=1)


def test_a_queue_without_dead_letters_says_so(sqs):
    url = sqs.create_queue(QueueName="work")["QueueUrl"]

    assert Queues(lambda: sqs).measure(url) == QueueDepth(waiting=0, oldest_s=None, dead_letters=None)


def test_an_unknown_queue_is_unavailable(sqs):
    with pytest.raises(Unavailable):
        Queues(lambda: sqs).measure(NOWHERE)
