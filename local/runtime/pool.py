"""Keeps instances of functions: started on first use, several under load, reused warm, stopped when idle."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.clock import SYSTEM_CLOCK, Clock
from local.runtime.instance import Instance, encoded
from local.runtime.launcher import Launcher
from local.runtime.outcome import Outcome, lost
from local.runtime.reload import SourceWatch
from local.template import Function


@dataclass(frozen=True)
class Limits:
    """How many instances may live. `kept_free` of the total are closed to queue workers and timers."""

    per_function: int = 6
    total: int = 16
    kept_free: int = 4
    idle_s: float = 120.0


class Pool:
    """All instances of all functions, for one event loop.

    A call takes the warmest idle instance, or a new one while the limits allow (the longest idle instance of
    another function gives way), or waits its turn: people's requests before background work.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        launcher: Launcher,
        watch: SourceWatch,
        limits: Limits | None = None,
        *,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._functions = dict(functions)
        self._launcher = launcher
        self._watch = watch
        self.limits = limits or Limits()
        self._clock = clock
        self._instances: dict[str, list[Instance]] = defaultdict(list)
        self._waiting: dict[tuple[bool, str], deque[tuple[int, asyncio.Future[None]]]] = defaultdict(deque)
        self._arrivals = 0
        self._stopping: list[tuple[Instance, float]] = []

    async def invoke(self, name: str, event: Any, *, background: bool = False) -> Outcome:
        """Run one function on one event (an object, or bytes as they are) and return what came of it."""
        payload = event if isinstance(event, bytes) else encoded(event)
        instance = await self._acquire(name, background=background)
        if instance is None:
            return lost("Runtime.Unknown", f"{name} does not start; its log says why")
        outcome = lost("Runtime.ExitError", "the call was abandoned")
        try:
            outcome = await instance.invoke(payload)
        finally:
            self._release(instance, outcome)
        return outcome

    def set_timeout(self, name: str, timeout_s: int) -> int:
        """Change how long a function's next instances may take; returns how long before. Raises KeyError."""
        former = self._functions[name]
        self._functions[name] = replace(former, timeout_s=timeout_s)
        return former.timeout_s

    def describe(self) -> dict[str, list[dict[str, Any]]]:
        """Return every function with its live instances."""
        return {
            name: [each.description() for each in self._instances[name] if each.alive]
            for name in self._functions
        }

    async def maintain(self) -> None:
        """Reap idle and dead instances, until cancelled."""
        while True:
            await self._clock.sleep(0.5)
            horizon = self._clock.monotonic() - self.limits.idle_s
            for instance in [each for each in self._all() if not each.busy]:
                if not instance.alive or instance.idle_since < horizon:
                    self._discard(instance)
            self._bury_the_stopped()

    async def stop(self, *, patience_s: float = 2.0) -> None:
        """Refuse those who wait, let the busy finish for a moment, then ask every instance to end."""
        for queue in self._waiting.values():
            for _, turn in list(queue):
                turn.cancel()
        deadline = self._clock.monotonic() + patience_s
        while self._any_busy() and self._clock.monotonic() < deadline:
            await self._clock.sleep(0.02)
        for instance in self._all():
            instance.stop()

    def _any_busy(self) -> bool:
        return any(each.busy and each.alive for each in self._all())

    def _all(self) -> list[Instance]:
        return [each for instances in self._instances.values() for each in instances]

    async def _acquire(self, name: str, *, background: bool) -> Instance | None:
        self._arrivals += 1
        arrival = self._arrivals
        while not self._has_room(name, background=background):
            await self._wait_for_turn((background, name), arrival)
        return self._idle(name, background=background) or await self._start(name, background=background)

    async def _wait_for_turn(self, key: tuple[bool, str], arrival: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._waiting[key]
        # Somebody who was woken and found the place taken goes back to where it stood.
        place = next((index for index, (other, _) in enumerate(queue) if other > arrival), len(queue))
        queue.insert(place, (arrival, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if (arrival, turn) in queue:
                queue.remove((arrival, turn))
            else:
                self._next_turn()  # it was woken already: pass the turn on
            raise

    def _has_room(self, name: str, *, background: bool) -> bool:
        everything = self._all()
        mine = [each for each in everything if each.function.name == name]
        if any(not each.busy and self._is_current(each) for each in mine):
            return True
        if sum(each.busy for each in mine) >= self.limits.per_function:
            return False
        if background and sum(each.background and each.busy for each in everything) >= self._background_limit:
            return False
        return sum(each.busy for each in everything) < self.limits.total

    @property
    def _background_limit(self) -> int:
        return self.limits.total - self.limits.kept_free

    def _idle(self, name: str, *, background: bool) -> Instance | None:
        """Take the instance that was used last: the warmest, so that the others may fall idle and end."""
        for instance in sorted(self._instances[name], key=lambda each: -each.idle_since):
            if instance.busy:
                continue
            if self._is_current(instance):
                instance.busy = True
                instance.background = background
                return instance
            self._discard(instance)
        return None

    def _is_current(self, instance: Instance) -> bool:
        """Return whether an instance lives and runs the code and settings of now."""
        return (
            instance.alive
            and instance.generation == self._watch.generation()
            and instance.function is self._functions[instance.function.name]
        )

    async def _start(self, name: str, *, background: bool) -> Instance | None:
        self._make_way()
        for _ in range(3):
            instance = Instance(self._functions[name], self._launcher, generation=self._watch.generation())
            instance.background = background  # before the first await: others count it
            instance.idle_since = self._clock.monotonic()
            self._instances[name].append(instance)
            if await instance.ready():
                return instance
            self._discard(instance)
        self._next_turn()
        return None

    def _make_way(self) -> None:
        everything = self._all()
        idle = [each for each in everything if not each.busy]
        if len(everything) >= self.limits.total and idle:
            self._discard(min(idle, key=lambda each: each.idle_since))

    def _release(self, instance: Instance, outcome: Outcome) -> None:
        instance.busy = False
        instance.idle_since = self._clock.monotonic()
        if outcome.instance_lost or not instance.alive:
            self._discard(instance)
        self._next_turn()

    def _next_turn(self) -> None:
        """Wake the caller that waits longest among those who can be served; requests before background."""
        for wanted in (False, True):
            heads = [
                (queue[0], name)
                for (background, name), queue in self._waiting.items()
                if queue and background == wanted and self._has_room(name, background=background)
            ]
            if heads:
                ((_, turn), name) = min(heads, key=lambda head: head[0][0])
                self._waiting[wanted, name].popleft()
                if not turn.done():
                    turn.set_result(None)
                return

    def _discard(self, instance: Instance) -> None:
        if instance in self._instances[instance.function.name]:
            self._instances[instance.function.name].remove(instance)
            instance.stop()
            if instance.alive:
                self._stopping.append((instance, self._clock.monotonic()))
            else:
                instance.bury()  # at once: its function may still run, orphaned

    def _bury_the_stopped(self) -> None:
        now = self._clock.monotonic()
        for entry in list(self._stopping):
            instance, since = entry
            if not instance.alive or now - since > 3.0:
                instance.bury()
                self._stopping.remove(entry)
