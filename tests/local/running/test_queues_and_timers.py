"""Queues and timers start functions: the whole way, from boto3 to a process of the function's own."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.local.running.conftest import Bundle
from tests.support.running.runner import Runner
from tests.support.timing.waiting import eventually


@pytest.fixture
def sqs(runner: Runner) -> Any:
    return boto3.client(
        "sqs",
        "us-east-1",
        endpoint_url=runner.info["sqs"]["url"],
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )


@pytest.fixture
def send(runner: Runner, sqs: Any) -> Callable[[str, str], Any]:
    return lambda queue, body: sqs.send_message(
        QueueUrl=runner.info["sqs"]["queues"][queue], MessageBody=body
    )


def deliveries(bundle: Bundle, body: str) -> list[str]:
    """Return the receive counts with which one message reached the worker."""
    return [count for batch in bundle.notes("batch") for sent, count in batch if sent == body]


def test_a_message_reaches_its_function_once(bundle, send):
    send("Work", "fine")

    eventually(lambda: deliveries(bundle, "fine"))
    send("Work", "after")
    eventually(lambda: deliveries(bundle, "after"))

    assert deliveries(bundle, "fine") == ["1"]


@pytest.mark.parametrize("body", ["fail", "raise"], ids=["reported", "raised"])
def test_what_fails_returns_until_the_dead_letters_take_it(bundle, runner, sqs, send, body):
    sent = send("Again", body)

    url = runner.info["sqs"]["queues"]["AgainDeadLetters"]
    eventually(lambda: sent["MessageId"] in shown(sqs, url))
    eventually(lambda: len(deliveries(bundle, body)) >= 3)

    assert sorted(deliveries(bundle, body)) == ["1", "2", "3"]


def test_a_paused_queue_gives_its_function_nothing_until_it_is_resumed(bundle, runner, send):
    with runner.paused("Work") as resume:
        send("Work", "held back")
        send("Again", "meanwhile")
        eventually(lambda: deliveries(bundle, "meanwhile"))
        assert deliveries(bundle, "held back") == []

        resume()

        eventually(lambda: deliveries(bundle, "held back"))


def test_a_timer_fires_on_schedule_and_on_demand(bundle, runner):
    eventually(lambda: bundle.notes("tick"))
    before = len(bundle.notes("tick"))

    assert runner.run_timer("Tick") == {"ticked": True}
    assert len(bundle.notes("tick")) > before
    tick = bundle.notes("tick")[0]
    assert tick["detail-type"] == "Scheduled Event"
    assert tick["source"] == "aws.scheduler"


def test_what_is_no_timer_is_not_run(runner):
    with pytest.raises(AssertionError, match="no timer"):
        runner.run_timer("Echo")


def shown(sqs: Any, url: str) -> set[str]:
    """Return the ids of the messages that a queue shows, and leave them there."""
    received = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10)
    return {message["MessageId"] for message in received.get("Messages", [])}
