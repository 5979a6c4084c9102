"""The queues' disk is full for a while (fault 36): what is refused is not stored, and work continues."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.clock import steady_ms
from local.event_sources import EventSource
from local.queues.messages import NewMessage
from local.queues.service import QueueService
from local.queues.store import Store
from local.runtime.invocation import Invocation
from local.template import Source
from tests.local.queues.conftest import OwnQueues
from tests.support.databases.disk import KINDS, Disk, disk_of
from tests.support.timing.waiting import eventually

LARGE = "x" * 200_000


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be full."""
    with disk_of(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def own(disk: Disk) -> Iterator[OwnQueues]:
    """Our queues, on that disk."""
    queues = OwnQueues(disk.folder / "queues.db", steady_ms)
    yield queues
    queues.close()


def bodies(client: Any, url: str) -> list[str]:
    received = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in received.get("Messages", [])]


def test_a_message_is_refused_as_sqs_refuses_while_it_is_down(
    disk: Disk, sqs: Any, make_queue: Callable[..., str]
) -> None:
    url = make_queue(sqs)

    with disk.full(), pytest.raises(ClientError) as refusal:
        sqs.send_message(QueueUrl=url, MessageBody=LARGE)

    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert refusal.value.response["Error"]["Code"] == "ServiceUnavailable"


def test_what_was_taken_before_is_kept_and_what_was_refused_is_not_there(
    disk: Disk, sqs: Any, make_queue: Callable[..., str]
) -> None:
    url = make_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="before")
    with disk.full():
        for _ in range(3):
            with pytest.raises(ClientError):
                sqs.send_message(QueueUrl=url, MessageBody=LARGE)

    sqs.send_message(QueueUrl=url, MessageBody="after")

    assert bodies(sqs, url) == ["before", "after"]


def test_a_refused_fifo_message_does_not_count_as_seen(
    disk: Disk, sqs: Any, make_queue: Callable[..., str]
) -> None:
    url = make_queue(sqs, FifoQueue="true")
    message = {"MessageBody": LARGE, "MessageGroupId": "a", "MessageDeduplicationId": "once"}
    with disk.full(), pytest.raises(ClientError):
        sqs.send_message(QueueUrl=url, **message)

    sqs.send_message(QueueUrl=url, **message)

    assert bodies(sqs, url) == [LARGE]


def test_what_was_kept_is_there_after_a_restart_on_the_full_disk(disk: Disk) -> None:
    file = disk.folder / "restarted.db"
    store = Store(file)
    store.create("work", {})
    store.send("work", new_message("before"))
    with disk.full():
        with pytest.raises(sqlite3.OperationalError):
            store.send("work", new_message(LARGE))
        store.close()

    again = Store(file)

    assert [row["body"] for row in again.receive("work", limit=10)] == ["before"]
    again.close()


def test_a_poller_goes_on_when_there_is_room_again(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.event_sources._PAUSE_S", 0.01)
    store = Store(disk.folder / "polled.db")
    store.create("work", {})
    pool: Any = RecordingPool()

    async def poll_through_it() -> None:
        source = EventSource(SOURCE, QueueService(store), pool)
        with disk.full():
            exhaust(store)
            polling = asyncio.create_task(source.run())
            await asyncio.to_thread(eventually, lambda: capsys.readouterr().err)
        await asyncio.to_thread(eventually, lambda: pool.bodies)
        polling.cancel()

    store.send("work", new_message("before"))
    asyncio.run(poll_through_it())

    assert pool.bodies[0] == "before"
    store.close()


SOURCE = Source(
    "WorkSource", function="Work", queue="work", batch_size=1, reports_failures=True, concurrency=1
)


class RecordingPool:
    """Stands where functions would be invoked."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.limits = SimpleNamespace(per_function=1)

    async def invoke(self, function: str, event: dict[str, Any], *, background: bool) -> Invocation:
        self.bodies += [record["body"] for record in event["Records"]]
        return Invocation(result={"batchItemFailures": []})


def exhaust(store: Store) -> None:
    """Write until even the room that the queues had set aside is gone."""
    with pytest.raises(sqlite3.OperationalError):
        for _ in range(100):
            store.send("work", new_message("filler"))


def new_message(body: str) -> NewMessage:
    return NewMessage(body=body, body_md5="", attributes={}, attributes_md5=None)
