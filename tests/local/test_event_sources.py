"""Queues feed functions as Lambda's event source mappings do."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.event_sources import failed_ids, record
from local.runtime.outcome import Outcome
from tests.local.conftest import write_bundle
from tests.support.runner import Runner, start_runner

IDS = {"1", "2"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("bundle")


@pytest.fixture(scope="module")
def runner(folder, tmp_path_factory) -> Iterator[Runner]:
    state = tmp_path_factory.mktemp("state")
    with start_runner(state, template=write_bundle(folder), sandbox=False, tick_seconds=1) as started:
        yield started


@pytest.fixture
def send(runner: Runner):
    client = boto3.client(
        "sqs",
        "us-east-1",
        endpoint_url=runner.info["sqs"]["url"],
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    return lambda body: client.send_message(QueueUrl=runner.info["sqs"]["queues"]["Work"], MessageBody=body)


def notes(folder: Path, kind: str) -> list[Any]:
    file = folder / "functions" / "notes.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line[kind] for line in map(json.loads, lines) if kind in line]


def wait_for(question, timeout_s: float = 20.0):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def deliveries(folder: Path, body: str) -> list[str]:
    """The receive counts with which one message reached the worker."""
    return [count for batch in notes(folder, "batch") for sent, count in batch if sent == body]


def test_a_message_reaches_its_function_once(folder, send):
    send("fine")

    wait_for(lambda: deliveries(folder, "fine"))
    send("after")
    wait_for(lambda: deliveries(folder, "after"))

    assert deliveries(folder, "fine") == ["1"]


def test_a_reported_failure_returns_until_the_dead_letters_take_it(folder, runner, send):
    sent = send("fail")

    wait_for(lambda: dead_letter(runner, sent["MessageId"]))

    assert deliveries(folder, "fail") == ["1", "2", "3"]


def test_a_raising_function_gets_its_batch_again_after_the_visibility_timeout(folder, send):
    started = time.monotonic()
    send("raise")

    wait_for(lambda: len(deliveries(folder, "raise")) >= 2)

    assert time.monotonic() - started > 1.9


def test_a_timer_fires_by_itself_and_on_demand(folder, runner):
    wait_for(lambda: len(notes(folder, "tick")) >= 2)

    assert runner.run_timer("Tick") == {"ticked": True}
    tick = notes(folder, "tick")[0]
    assert tick["detail-type"] == "Scheduled Event"
    assert tick["source"] == "aws.scheduler"


def test_what_is_no_timer_is_not_run(runner):
    with pytest.raises(AssertionError, match="no timer"):
        runner.run_timer("Echo")


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [
        (Outcome(result=None), set()),
        (Outcome(result={}), set()),
        (Outcome(result={"batchItemFailures": []}), set()),
        (Outcome(result={"batchItemFailures": None}), set()),
        (Outcome(result={"batchItemFailures": [{"itemIdentifier": "2"}]}), {"2"}),
        (Outcome(result={"batchItemFailures": [{"itemIdentifier": "3"}]}), IDS),
        (Outcome(result={"batchItemFailures": [{"itemIdentifier": ""}]}), IDS),
        (Outcome(result={"batchItemFailures": [{"itemIdentifier": None}]}), IDS),
        (Outcome(result={"batchItemFailures": [{"id": "1"}]}), IDS),
        (Outcome(result={"batchItemFailures": "1"}), IDS),
        (Outcome(result="done"), IDS),
        (Outcome(error={"errorType": "ValueError"}), IDS),
    ],
    ids=[
        "nothing",
        "empty",
        "no failure",
        "null",
        "one",
        "unknown",
        "blank",
        "none",
        "misspelt",
        "text",
        "odd",
        "error",
    ],
)
def test_a_report_is_read_as_lambda_reads_it(outcome, failed):
    assert failed_ids(outcome, IDS, reports=True) == failed


def test_without_reports_a_returning_function_finished_everything():
    assert (
        failed_ids(Outcome(result={"batchItemFailures": [{"itemIdentifier": "1"}]}), IDS, reports=False)
        == set()
    )


def test_a_record_has_lambdas_shape():
    row = {
        "id": 7, "message_id": "m", "body": "b", "body_md5": "s", "attributes_md5": None, "receipt": "r",
        "attributes": '{"kind": {"DataType": "String", "StringValue": "x"}}', "sent_ms": 1, "received": 2,
        "first_received_ms": 3, "group_id": "g", "dedup_id": "d", "trace": None, "source_arn": None,
    }  # fmt: skip

    shown = record(row, "Steps.fifo")

    assert shown["eventSource"] == "aws:sqs"
    assert shown["eventSourceARN"].endswith(":Steps.fifo")
    assert shown["attributes"]["MessageGroupId"] == "g"
    assert shown["attributes"]["ApproximateReceiveCount"] == "2"
    assert shown["messageAttributes"]["kind"]["stringValue"] == "x"
    assert "md5OfMessageAttributes" not in shown


def dead_letter(runner: Runner, message_id: str) -> bool:
    client = boto3.client(
        "sqs",
        "us-east-1",
        endpoint_url=runner.info["sqs"]["url"],
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    url = runner.info["sqs"]["queues"]["WorkDeadLetters"]
    letters = client.receive_message(QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10).get(
        "Messages", []
    )
    return message_id in {letter["MessageId"] for letter in letters}
