"""Receivers that wait are woken by whatever makes a message visible to them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from local.queues.messages import handle_of
from local.queues.service import QueueService
from local.queues.store import Message, Store
from tests.local.queues.conftest import QueueTime
from tests.support.timing.hand_clock import settle
from tests.support.timing.waiting import PATIENCE_S

FOR_EVER_S = 1_000_000.0
FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


@pytest.fixture
def queues(tmp_path: Path, queue_time: QueueTime):
    store = Store(tmp_path / "queues.db", clock_ms=queue_time)
    store.create("work", {})
    store.create("other", {})
    store.create("steps.fifo", FIFO)
    yield QueueService(store)
    store.close()


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


def waiting(queues: QueueService, queue: str = "work") -> "asyncio.Task[list[Message]]":
    """Begin to wait for one message, for as long as it takes."""
    return asyncio.create_task(queues.receive(queue, limit=1, wait_s=FOR_EVER_S))


async def is_woken(receiver: "asyncio.Task[Any]") -> bool:
    await settle()
    return receiver.done()


def test_by_a_message_to_their_queue_and_by_no_other(queues: QueueService):
    async def scenario() -> None:
        receiver = waiting(queues)
        assert not await is_woken(receiver)

        queues.send("other", {"MessageBody": "x"})
        assert not await is_woken(receiver)

        queues.send("work", {"MessageBody": "y"})
        assert await is_woken(receiver)
        assert [message["body"] for message in receiver.result()] == ["y"]

    play(scenario)


def test_by_a_message_that_is_given_back(queues: QueueService):
    async def scenario() -> None:
        queues.send("work", {"MessageBody": "x"})
        (held,) = await queues.receive("work", limit=1)
        receiver = waiting(queues)
        assert not await is_woken(receiver)

        queues.change_visibility("work", handle_of(held), 0)

        assert await is_woken(receiver)

    play(scenario)


def test_by_the_message_before_theirs_in_its_group_being_deleted(queues: QueueService):
    async def scenario() -> None:
        for body in ("first", "second"):
            queues.send("steps.fifo", {"MessageBody": body, "MessageGroupId": "g"})
        (first,) = await queues.receive("steps.fifo", limit=1)
        receiver = waiting(queues, "steps.fifo")
        assert not await is_woken(receiver)

        queues.delete("steps.fifo", handle_of(first))

        assert await is_woken(receiver)
        assert [message["body"] for message in receiver.result()] == ["second"]

    play(scenario)


def test_by_their_queue_being_resumed(queues: QueueService):
    async def scenario() -> None:
        queues.pause("work")
        receiver = waiting(queues)
        queues.send("work", {"MessageBody": "x"})
        assert not await is_woken(receiver)

        queues.resume("work")

        assert await is_woken(receiver)

    play(scenario)


def test_by_a_hidden_message_whose_time_is_up(tmp_path: Path):
    """By the real clock: they must wake without a message that is sent."""
    store = Store(tmp_path / "real.db")
    store.create("work", {"VisibilityTimeout": "1"})
    queues = QueueService(store)

    async def scenario() -> None:
        queues.send("work", {"MessageBody": "x"})
        await queues.receive("work", limit=1)
        async with asyncio.timeout(PATIENCE_S):
            (again,) = await queues.receive("work", limit=1, wait_s=FOR_EVER_S)
        assert again["received"] == 2

    play(scenario)
    store.close()


def test_nobody_waits_longer_than_was_asked_for(queues: QueueService):
    async def scenario() -> None:
        assert await queues.receive("work", limit=1, wait_s=0.01) == []

    play(scenario)
