"""The pool of instances: one call each, bounded, warm ones first, people before background work."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from local.bundle import Builder
from local.children import Children
from local.ports import free_ports
from local.runtime.launcher import Launcher
from local.runtime.pool import Limits, Pool
from local.runtime.reload import SourceWatch
from local.runtime.shortage import Shortage
from local.state import State
from local.template import Function
from tests.support.running.runner import BUNDLE
from tests.support.servers.scripted_http import ScriptedHttp, answer
from tests.support.timing.hand_clock import HandClock

SOURCE = """
import os, threading

def handler(event, context):
    while "gate" in event and not os.path.exists(event["gate"]):
        threading.Event().wait(0.01)
    return os.getpid()
"""


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


class Gate:
    """What functions wait for that are given `event`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.event = {"gate": str(file)}

    def open(self) -> None:
        self._file.touch()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


class Memory:
    """A machine's memory: room for this many instances more, whatever lives."""

    def __init__(self) -> None:
        self.more_fit = 1_000


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def with_pool(tmp_path: Path, clock: HandClock, memory: Memory, said: list[str]):
    """Runs a scenario on a pool of two functions, A and B, and ends all of their processes."""
    state = State(tmp_path / "state")
    functions = {}
    for name in ("A", "B"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "app.py").write_text(SOURCE)
        functions[name] = Function(name, folder, "app.handler", 600, 128, {}, (), False, 2)

    @asynccontextmanager
    async def opened(limits: Limits):
        children = Children()
        interpreter = Builder(BUNDLE).runtime()
        launcher = Launcher(
            children=children,
            state=state,
            interpreter=interpreter,
            built_layers={},
            queues_address="http://x",
        )
        shortage = Shortage(clock, say=said.append)
        pool = Pool(
            functions,
            launcher,
            SourceWatch([]),
            limits,
            clock=clock,
            more_fit=lambda: memory.more_fit,
            shortage=shortage,
        )
        keeping = asyncio.create_task(pool.maintain())
        try:
            yield pool
        finally:
            keeping.cancel()
            await pool.stop()
            children.stop_all()

    def run(scenario: Callable[[Pool], Awaitable[None]], **limits) -> None:
        async def play() -> None:
            async with opened(Limits(**limits)) as pool:
                await scenario(pool)

        asyncio.run(play())

    return run


def test_calls_beyond_the_limit_wait_for_a_free_instance(with_pool):
    async def scenario(pool: Pool) -> None:
        invocations = await asyncio.gather(*(pool.invoke("A", {}) for _ in range(8)))

        assert len({invocation.result for invocation in invocations}) == 2
        assert sum(each["invocations"] for each in pool.describe()["A"]) == 8

    with_pool(scenario, per_function=2)


@pytest.mark.parametrize("taken", [0, 1], ids=["for calls", "for the function"])
def test_a_port_that_somebody_took_meanwhile_is_replaced(
    with_pool, monkeypatch: pytest.MonkeyPatch, taken: int
):
    with ScriptedHttp(answer(200, b'"a stranger"')) as stranger:
        offered = free_ports(2)
        offered[taken] = int(stranger.url.rpartition(":")[2])
        offers = [offered]
        monkeypatch.setattr(
            "local.runtime.launcher.free_ports", lambda count: offers.pop() if offers else free_ports(count)
        )

        async def scenario(pool: Pool) -> None:
            invocation = await pool.invoke("A", {})

            assert isinstance(invocation.result, int)
            assert offers == []

        with_pool(scenario)
        assert stranger.requests == []


def test_an_instance_that_rested_gives_way_to_another_function_at_once(with_pool, clock: HandClock):
    async def scenario(pool: Pool) -> None:
        first = await pool.invoke("A", {})
        await clock.advance(10)
        second = await pool.invoke("B", {})
        await clock.advance(10)
        again = await pool.invoke("A", {})

        assert None not in (first.result, second.result)
        assert again.result != first.result
        assert len(pool.describe()["A"]) == 1
        assert pool.describe()["B"] == []
        assert pool.figures()["evictions"] == 2

    with_pool(scenario, total=1, kept_free=0)


def test_an_instance_in_use_gives_way_only_to_a_caller_that_has_waited(with_pool, clock: HandClock):
    async def scenario(pool: Pool) -> None:
        await pool.invoke("A", {})
        caller = asyncio.create_task(pool.invoke("B", {}))
        await clock.advance(1)
        assert pool.figures() == {"living": 1, "limit": 1, "evictions": 0, "waiting": 1}

        await clock.advance(1)

        assert (await caller).error is None
        assert pool.figures()["evictions"] == 1

    with_pool(scenario, total=1, kept_free=0)


def test_a_caller_that_waits_takes_the_instance_of_its_own_function(with_pool, gate: Gate):
    async def scenario(pool: Pool) -> None:
        await pool.invoke("B", {})
        first = asyncio.create_task(pool.invoke("A", gate.event))
        second = asyncio.create_task(pool.invoke("A", {}))
        await asyncio.sleep(0)
        gate.open()

        assert (await second).result == (await first).result
        assert pool.figures()["evictions"] == 0

    with_pool(scenario, total=2, kept_free=0)


def test_every_function_in_use_keeps_its_instance_while_memory_holds_them(with_pool, said: list[str]):
    async def scenario(pool: Pool) -> None:
        first = [(await pool.invoke(name, {})).result for name in "AB"]
        for _ in range(3):
            assert [(await pool.invoke(name, {})).result for name in "AB"] == first

        assert pool.figures() == {"living": 2, "limit": 80, "evictions": 0, "waiting": 0}
        assert said == []

    with_pool(scenario)


def test_no_more_live_than_memory_holds(with_pool, memory: Memory, clock: HandClock, said: list[str]):
    async def scenario(pool: Pool) -> None:
        await pool.invoke("A", {})
        memory.more_fit = 0
        caller = asyncio.create_task(pool.invoke("B", {}))
        await clock.advance(1)
        assert not caller.done()

        memory.more_fit = 1
        await clock.advance(0.5)

        assert (await caller).error is None
        assert pool.figures() == {"living": 2, "limit": 3, "evictions": 0, "waiting": 0}
        assert said == [
            "local runner: calls wait for instances of functions; memory is enough for only 1: close other programs,"
            " or use a machine with more memory (0 instances were ended for others so far)"
        ]

    with_pool(scenario, fewest=1, kept_free=0)


def test_instances_that_are_starting_count_as_if_they_had_their_memory(with_pool, memory: Memory, gate: Gate):
    async def scenario(pool: Pool) -> None:
        memory.more_fit = 1
        calls = [asyncio.create_task(pool.invoke(name, gate.event)) for name in "AAB"]
        await asyncio.sleep(0)

        assert pool.figures() == {"living": 1, "limit": 1, "evictions": 0, "waiting": 2}
        gate.open()
        await asyncio.gather(*calls[:2])
        memory.more_fit = 2
        await pool.invoke("A", {})
        assert (await calls[2]).error is None

    with_pool(scenario, fewest=1, kept_free=0)


def test_a_shortage_is_said_once_a_minute_and_names_what_helps(with_pool, clock: HandClock, said: list[str]):
    async def scenario(pool: Pool) -> None:
        for _ in range(5):
            for name in "AB":
                call = asyncio.create_task(pool.invoke(name, {}))
                await clock.advance(9)
                await call

    with_pool(scenario, total=1, kept_free=0)
    assert [line.partition(";")[2] for line in said] == [
        " --instances allows 1: allow more (0 instances were ended for others so far)",
        " --instances allows 1: allow more (7 instances were ended for others so far)",
    ]


def test_background_work_goes_on_where_fewer_may_live_than_are_kept_free(with_pool):
    async def scenario(pool: Pool) -> None:
        assert (await pool.invoke("A", {}, background=True)).error is None

    with_pool(scenario, total=2, kept_free=4)


def test_people_are_served_before_background_work(with_pool):
    async def scenario(pool: Pool) -> None:
        finished = []

        async def call(name: str, *, background: bool) -> None:
            await pool.invoke("A", {}, background=background)
            finished.append(name)

        first = asyncio.create_task(call("first", background=False))
        await asyncio.sleep(0)
        waiting = [
            asyncio.create_task(call("background", background=True)),
            asyncio.create_task(call("person", background=False)),
        ]
        await asyncio.gather(first, *waiting)

        assert finished == ["first", "person", "background"]

    with_pool(scenario, total=1, kept_free=0)


def test_background_work_leaves_room_for_people(with_pool, gate: Gate):
    async def scenario(pool: Pool) -> None:
        background = [asyncio.create_task(pool.invoke("A", gate.event, background=True)) for _ in range(2)]
        await asyncio.sleep(0)

        person = await pool.invoke("B", {})

        assert person.error is None
        assert not any(task.done() for task in background)
        gate.open()
        await asyncio.gather(*background)

    with_pool(scenario, total=2, kept_free=1)


def test_an_idle_instance_is_stopped_when_its_time_is_over(with_pool, clock: HandClock):
    async def scenario(pool: Pool) -> None:
        await pool.invoke("A", {})
        await clock.advance(119)
        await pool.invoke("B", {})
        assert len(pool.describe()["A"]) == 1

        await clock.advance(2)

        assert pool.describe()["A"] == []
        assert len(pool.describe()["B"]) == 1

    with_pool(scenario, idle_s=120)


def test_a_busy_instance_is_never_idle(with_pool, gate: Gate, clock: HandClock):
    async def scenario(pool: Pool) -> None:
        call = asyncio.create_task(pool.invoke("A", gate.event))
        await asyncio.sleep(0)

        await clock.advance(500)
        gate.open()

        assert (await call).error is None

    with_pool(scenario, idle_s=120)


def test_a_caller_that_gives_up_leaves_the_queue_in_order(with_pool, gate: Gate):
    async def scenario(pool: Pool) -> None:
        first = asyncio.create_task(pool.invoke("A", gate.event))
        await asyncio.sleep(0)
        impatient = asyncio.create_task(pool.invoke("A", {}))
        patient = asyncio.create_task(pool.invoke("A", {}))
        await asyncio.sleep(0)

        impatient.cancel()
        gate.open()

        assert (await patient).error is None
        assert (await first).error is None

    with_pool(scenario, per_function=1)


def test_a_changed_time_limit_holds_from_the_next_call_on(with_pool):
    async def scenario(pool: Pool) -> None:
        first = await pool.invoke("A", {})

        assert pool.set_timeout("A", 30) == 600

        second = await pool.invoke("A", {})
        assert second.error is None
        assert second.result != first.result
        assert (await pool.invoke("A", {})).result == second.result

    with_pool(scenario)
