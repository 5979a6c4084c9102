"""The store behind the queues: it survives, it forgets in time, and it stays fast."""

import time
from pathlib import Path

import pytest

from local.clock import steady_ms
from local.queues.messages import NewMessage, handle_of
from local.queues.store import Store
from tests.local.queues.conftest import QueueTime


def a_message(body: str = "x", **options) -> NewMessage:
    return NewMessage(body=body, body_md5="", attributes={}, attributes_md5=None, **options)


@pytest.fixture
def clock() -> QueueTime:
    return QueueTime()


@pytest.fixture
def store(tmp_path: Path, clock: QueueTime):
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


@pytest.mark.parametrize("set_by_ms", [-3_600_000, 3_600_000], ids=["back", "forward"])
def test_a_restart_after_the_clock_was_set_hides_nothing(store, tmp_path, clock, set_by_ms):
    store.ensure("work", {"VisibilityTimeout": "30", "MessageRetentionPeriod": "86400"})
    store.send("work", a_message("taken"))
    store.receive("work", limit=1)
    store.send("work", a_message("waiting"))
    clock.ms += set_by_ms

    again = Store(tmp_path / "queues.db", clock_ms=clock)
    again.release_held()
    again.send("work", a_message("new"))

    assert {each["body"] for each in again.receive("work", limit=10)} == {"taken", "waiting", "new"}
    again.close()


def test_a_delay_is_as_long_as_ever_after_the_clock_was_set_back(store, tmp_path, clock):
    store.send("work", a_message("known"))
    clock.ms -= 3_600_000
    again = Store(tmp_path / "queues.db", clock_ms=clock)
    again.send("work", a_message("late", delay_s=10))

    clock.ms += 9_000
    assert [each["body"] for each in again.receive("work", limit=10)] == ["known"]
    clock.ms += 1_000
    assert [each["body"] for each in again.receive("work", limit=10)] == ["late"]
    again.close()


@pytest.mark.parametrize("set_to_ns", [0, 10**19], ids=["back", "forward"])
def test_the_queues_time_goes_on_when_the_machines_clock_is_set(monkeypatch, set_to_ns):
    before = steady_ms()

    monkeypatch.setattr(time, "time_ns", lambda: set_to_ns)
    passed_ms = steady_ms() - before

    assert 0 <= passed_ms < 3_600_000


@pytest.mark.parametrize("queue", ["work", "steps.fifo"])
def test_a_long_queue_costs_no_more_work_than_a_short_one(store, queue):
    """Work is counted in steps of SQLite's machine."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    def round_trips() -> int:
        nonlocal steps
        steps = 0
        store._db.set_progress_handler(count, 1)
        for number in range(5):
            store.send(queue, a_message(group_id="new", dedup_id=f"{queue} {length} {number}"))
            for message in store.receive(queue, limit=10):
                store.delete(queue, handle_of(message))
            store.next_visible_ms(queue)
        store._db.set_progress_handler(None, 1)
        return steps

    length = 200
    fill(store, queue, length)
    short = round_trips()
    length = 20_000
    fill(store, queue, length)

    assert round_trips() < short * 2


def test_a_group_with_less_in_flight_goes_first(store):
    """As SQS's fair queues do: what one organization has waiting does not delay another's."""
    for body in ("a1", "a2", "a3", "a4"):
        store.send("work", a_message(body, group_id="a"))
    held = store.receive("work", limit=2)
    store.send("work", a_message("b1", group_id="b"))
    store.send("work", a_message("b2", group_id="b"))
    store.send("work", a_message("nobody's"))

    assert [each["body"] for each in held] == ["a1", "a2"]
    assert [each["body"] for each in store.receive("work", limit=3)] == ["b1", "nobody's", "b2"]
    assert [each["body"] for each in store.receive("work", limit=10)] == ["a3", "a4"]


def test_groups_with_equally_much_in_flight_take_turns_by_age(store):
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b")):
        store.send("work", a_message(body, group_id=group))

    assert [each["body"] for each in store.receive("work", limit=4)] == ["a1", "b1", "a2", "b2"]


def test_a_message_that_stays_visible_is_received_once_at_a_time(store):
    store.send("work", a_message("x", group_id="a"))

    assert len(store.receive("work", limit=10, visibility_s=0)) == 1


def fill(store: Store, queue: str, count: int) -> None:
    """Add messages of seven groups, faster than by sending each."""
    store._db.execute(
        """WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
           INSERT INTO messages (queue, message_id, body, body_md5, attributes, group_id, dedup_id,
                                 sent_ms, visible_ms)
           SELECT ?, hex(randomblob(16)), 'x', '', '{}', 'g' || (n % 7), hex(randomblob(16)), ?, ? FROM numbers""",
        (count, queue, store.now_ms(), store.now_ms()),
    )
