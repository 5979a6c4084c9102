"""The store behind the queues: it survives, it forgets in time, and it stays fast."""

import time
from pathlib import Path

import pytest

from local.queues.messages import NewMessage, handle_of
from local.queues.store import Store


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.ms = 1_000_000_000_000

    def __call__(self) -> int:
        return self.ms


def a_message(body: str = "x", **options) -> NewMessage:
    return NewMessage(body=body, body_md5="", attributes={}, attributes_md5=None, **options)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock):
    opened = Store(tmp_path / "queues.db", clock_ms=clock)
    opened.create("work", {"VisibilityTimeout": "30", "MessageRetentionPeriod": "60"})
    opened.create("steps.fifo", {"FifoQueue": "true"})
    yield opened
    opened.close()


def test_messages_queues_and_receive_counts_survive_a_restart(store, tmp_path, clock):
    store.send("work", a_message("kept"))
    store.receive("work", limit=1)

    again = Store(tmp_path / "queues.db", clock_ms=clock)
    clock.ms += 31_000
    [message] = again.receive("work", limit=1)
    again.close()

    assert (message["body"], message["received"]) == ("kept", 2)


def test_what_a_dead_receiver_held_shows_at_once_after_a_restart(store):
    store.send("work", a_message())
    store.receive("work", limit=1)

    store.release_held()

    assert len(store.receive("work", limit=1)) == 1


def test_a_workers_own_backoff_outlives_a_restart(store, clock):
    store.send("work", a_message())
    [message] = store.receive("work", limit=1)
    store.change_visibility("work", handle_of(message), 20)

    store.release_held()

    assert store.receive("work", limit=1) == []
    clock.ms += 20_000
    assert len(store.receive("work", limit=1)) == 1


def test_a_message_past_retention_is_gone(store, clock):
    store.send("work", a_message())
    clock.ms += 61_000

    assert store.receive("work", limit=1) == []


def test_a_deduplication_id_is_free_again_after_five_minutes(store, clock):
    message = a_message(group_id="g", dedup_id="d")
    first, _ = store.send("steps.fifo", message)
    clock.ms += 299_000
    second, _ = store.send("steps.fifo", message)
    clock.ms += 2_000
    third, _ = store.send("steps.fifo", message)

    assert first == second != third


def test_attributes_from_the_template_replace_the_old_ones(store):
    store.ensure("work", {"VisibilityTimeout": "5"})

    assert store.settings("work").visibility_s == 5
    assert store.settings("work").retention_s == 345_600


@pytest.mark.parametrize("queue", ["work", "steps.fifo"])
def test_a_long_queue_is_as_fast_as_a_short_one(store, queue):
    def round_trips_s(count: int) -> float:
        # Processor time: other tests share the machine.
        started = time.process_time()
        for _ in range(count):
            for message in store.receive(queue, limit=10):
                store.delete(queue, handle_of(message))
        return time.process_time() - started

    def fill(count: int) -> None:
        for number in range(count):
            store.send(queue, a_message(group_id=f"g{number % 7}", dedup_id=f"{time.time_ns()}-{number}"))

    fill(200)
    short_s = round_trips_s(20)
    fill(20_000)

    assert round_trips_s(20) < max(short_s * 4, 0.1)
