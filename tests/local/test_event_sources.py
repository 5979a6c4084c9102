"""Queues feed functions as Lambda's event source mappings do; by a clock that the tests move."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.event_sources import EventSource, failed_ids, record
from local.queues.service import QueueService
from local.queues.store import Store
from local.runtime.invocation import Invocation
from local.template import Source
from tests.support.timing.hand_clock import settle

IDS = {"1", "2"}
RAISED = Invocation(error={"errorType": "ValueError"})


class Functions:
    """Stands where functions would be invoked: notes each batch, and answers as `answers` says, at last well."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[str, str]]] = []
        self.answers: list[Callable[[list[dict[str, Any]]], Invocation]] = []
        self.limits = SimpleNamespace(per_function=6)
        self.working: asyncio.Event | None = None

    async def invoke(self, _function: str, event: dict[str, Any], *, background: bool) -> Invocation:
        records = event["Records"]
        self.batches.append(
            [(each["body"], each["attributes"]["ApproximateReceiveCount"]) for each in records]
        )
        if self.working:
            await self.working.wait()
        answer = (
            self.answers.pop(0) if self.answers else lambda _: Invocation(result={"batchItemFailures": []})
        )
        return answer(records)


class Mapping:
    """One queue that feeds functions, on a clock of its own."""

    def __init__(self, file: Path) -> None:
        self.ms = 1_000_000_000_000
        self.store = Store(file, clock_ms=lambda: self.ms)
        self.queues = QueueService(self.store)
        self.functions = Functions()

    async def send(self, *bodies: str, queue: str = "work", **values: Any) -> None:
        """Send messages, and let everybody work on them."""
        for body in bodies:
            self.queues.send(queue, {"MessageBody": body, **values})
        await settle()

    async def let_pass(self, seconds: int) -> None:
        """Let time pass for the queues, and let receivers see what has become visible."""
        self.ms += 1000 * seconds
        for queue in self.store.names():
            self.queues.resume(queue)
        await settle()


@pytest.fixture
def play(tmp_path: Path):
    """Lets a scenario play while a queue feeds functions; returns the batches that they were given."""

    def playing(
        scenario: Callable[[Mapping], Awaitable[None]],
        *,
        queue: str = "work",
        concurrency: int | None = None,
        batch_size: int = 10,
        **attributes: str,
    ) -> list[list[tuple[str, str]]]:
        mapping = Mapping(tmp_path / "queues.db")
        mapping.store.create("dead", {})
        mapping.store.create(queue, {"VisibilityTimeout": "30", **attributes})
        pool: Any = mapping.functions
        source = Source("Source", "Work", queue, batch_size, concurrency, reports_failures=True)

        async def run() -> None:
            polling = asyncio.create_task(EventSource(source, mapping.queues, pool).run())
            await settle()
            await scenario(mapping)
            polling.cancel()

        asyncio.run(run())
        mapping.store.close()
        return mapping.functions.batches

    return playing


def failing(*bodies: str) -> Callable[[list[dict[str, Any]]], Invocation]:
    """Report these of a batch as failed."""

    def answer(records: list[dict[str, Any]]) -> Invocation:
        failed = [{"itemIdentifier": each["messageId"]} for each in records if each["body"] in bodies]
        return Invocation(result={"batchItemFailures": failed})

    return answer


def test_what_succeeds_is_never_seen_again(play):
    async def scenario(mapping: Mapping) -> None:
        await mapping.send("fine")
        await mapping.let_pass(3600)

    assert play(scenario) == [[("fine", "1")]]


def test_a_raising_function_gets_its_batch_again_after_the_visibility_timeout(play):
    async def scenario(mapping: Mapping) -> None:
        mapping.functions.answers = [lambda _: RAISED]
        await mapping.send("raise")
        await mapping.let_pass(29)
        assert len(mapping.functions.batches) == 1
        await mapping.let_pass(1)

    assert play(scenario) == [[("raise", "1")], [("raise", "2")]]


def test_only_what_is_reported_comes_back(play):
    async def scenario(mapping: Mapping) -> None:
        mapping.functions.answers = [failing("bad")]
        mapping.queues.pause("work")
        await mapping.send("good", "bad")
        mapping.queues.resume("work")
        await settle()
        await mapping.let_pass(30)

    assert play(scenario) == [[("good", "1"), ("bad", "1")], [("bad", "2")]]


def test_what_fails_too_often_goes_to_the_dead_letters(play):
    async def scenario(mapping: Mapping) -> None:
        mapping.functions.answers = [failing("bad")] * 3
        await mapping.send("bad")
        for _ in range(4):
            await mapping.let_pass(30)
        assert [letter["body"] for letter in mapping.store.receive("dead", limit=10)] == ["bad"]

    policy = '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:012345678912:dead", "maxReceiveCount": 3}'
    assert play(scenario, RedrivePolicy=policy) == [[("bad", "1")], [("bad", "2")], [("bad", "3")]]


def test_a_failed_fifo_message_comes_back_at_once_and_before_its_successor(play):
    async def scenario(mapping: Mapping) -> None:
        mapping.functions.answers = [failing("first")]
        mapping.queues.pause("steps.fifo")
        await mapping.send("first", "second", queue="steps.fifo", MessageGroupId="g")
        mapping.queues.resume("steps.fifo")
        await settle()

    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    assert play(scenario, queue="steps.fifo", batch_size=1, **fifo) == [
        [("first", "1")],
        [("first", "2")],
        [("second", "1")],
    ]


def test_no_more_batches_are_under_way_than_the_mapping_allows(play):
    async def scenario(mapping: Mapping) -> None:
        mapping.functions.working = asyncio.Event()
        await mapping.send("a", "b", "c")
        assert len(mapping.functions.batches) == 2
        mapping.functions.working.set()
        await settle()

    assert play(scenario, concurrency=2, batch_size=1) == [[("a", "1")], [("b", "1")], [("c", "1")]]


def test_a_paused_queue_shows_nothing_until_it_is_resumed(play):
    async def scenario(mapping: Mapping) -> None:
        mapping.queues.pause("work")
        await mapping.send("later")
        assert mapping.functions.batches == []
        mapping.queues.resume("work")
        await settle()

    assert play(scenario) == [[("later", "1")]]


@pytest.mark.parametrize(
    ("invocation", "failed"),
    [
        (Invocation(result=None), set()),
        (Invocation(result={}), set()),
        (Invocation(result={"batchItemFailures": []}), set()),
        (Invocation(result={"batchItemFailures": None}), set()),
        (Invocation(result={"batchItemFailures": [{"itemIdentifier": "2"}]}), {"2"}),
        (Invocation(result={"batchItemFailures": [{"itemIdentifier": "3"}]}), IDS),
        (Invocation(result={"batchItemFailures": [{"itemIdentifier": ""}]}), IDS),
        (Invocation(result={"batchItemFailures": [{"itemIdentifier": None}]}), IDS),
        (Invocation(result={"batchItemFailures": [{"id": "1"}]}), IDS),
        (Invocation(result={"batchItemFailures": "1"}), IDS),
        (Invocation(result="done"), IDS),
        (Invocation(error={"errorType": "ValueError"}), IDS),
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
def test_a_report_is_read_as_lambda_reads_it(invocation, failed):
    assert failed_ids(invocation, IDS, reports=True) == failed


def test_without_reports_a_returning_function_finished_everything():
    assert (
        failed_ids(Invocation(result={"batchItemFailures": [{"itemIdentifier": "1"}]}), IDS, reports=False)
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
