"""Keeps instances of functions: started on first use, several under load, reused warm, stopped when idle."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.clock import SYSTEM_CLOCK, Clock
from local.runtime.instance import Instance, encoded
from local.runtime.invocation import Invocation, lost
from local.runtime.launcher import Launcher
from local.runtime.memory import instances_that_fit
from local.runtime.reload import SourceWatch
from local.runtime.shortage import Shortage
from local.runtime.waiting import Caller, Line
from local.template import Function


@dataclass(frozen=True)
class Limits:
    """How many instances may live: at most `total`, as many as fit into memory, but `fewest` in any case.

    Queue workers and timers may not use the last `kept_free` of them. An idle instance is stopped after `idle_s`.
    Without room, an instance that was idle for `rest_s` is ended for another function at once; while none was idle
    that long, all count as in use, and the caller first waits `patience_s`.
    """

    per_function: int = 6
    total: int = 80
    fewest: int = 16
    kept_free: int = 4
    idle_s: float = 120.0
    rest_s: float = 10.0
    patience_s: float = 2.0


class Pool:
    """All instances of all functions, for one event loop.

    A call takes the idle instance that was used last, or a new one while limits and memory allow, or waits its turn:
    people's requests come before background work. So the pool grows and shrinks with its use.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        launcher: Launcher,
        watch: SourceWatch,
        limits: Limits | None = None,
        *,
        clock: Clock = SYSTEM_CLOCK,
        more_fit: Callable[[], int] = instances_that_fit,
        shortage: Shortage | None = None,
    ) -> None:
        self._functions = dict(functions)
        self._launcher = launcher
        self._watch = watch
        self.limits = limits or Limits()
        self._clock = clock
        self._instances: dict[str, list[Instance]] = defaultdict(list)
        self._more_fit = more_fit
        self._shortage = shortage or Shortage(clock)
        self._line = Line()
        self._arrivals = 0
        self._stopping: list[tuple[Instance, float]] = []

    async def invoke(self, name: str, event: Any, *, background: bool = False) -> Invocation:
        """Run one function on one event (an object, or bytes that are passed unchanged) and return its invocation."""
        payload = event if isinstance(event, bytes) else encoded(event)
        instance = await self._acquire(name, background=background)
        if instance is None:
            return lost("Runtime.Unknown", f"{name} does not start; its log says why")
        invocation = lost("Runtime.ExitError", "the call was abandoned")
        try:
            invocation = await instance.invoke(payload)
        finally:
            self._release(instance, invocation)
        return invocation

    def set_timeout(self, name: str, timeout_s: int) -> int:
        """Change the timeout of a function's next instances and return the former one. Raises KeyError."""
        former = self._functions[name]
        self._functions[name] = replace(former, timeout_s=timeout_s)
        return former.timeout_s

    def describe(self) -> dict[str, list[dict[str, Any]]]:
        """Return every function with its live instances."""
        return {
            name: [each.description() for each in self._instances[name] if each.alive]
            for name in self._functions
        }

    def figures(self) -> dict[str, int]:
        """Return how many instances live, may live and were ended for others, and how many calls wait."""
        return {
            "living": len(self._all()),
            "limit": self._limit(),
            "evictions": self._shortage.evictions,
            "waiting": len(self._line),
        }

    async def maintain(self) -> None:
        """End idle and dead instances and serve callers that have waited long enough, until cancelled."""
        while True:
            await self._clock.sleep(0.5)
            horizon = self._clock.monotonic() - self.limits.idle_s
            for instance in [each for each in self._all() if not each.busy]:
                if not instance.alive or instance.idle_since < horizon:
                    self._discard(instance)
            self._bury_the_stopped()
            while self._next_turn():
                pass

    async def stop(self, *, patience_s: float = 2.0) -> None:
        """Refuse waiting callers, give busy instances `patience_s` to finish, then ask every instance to end."""
        self._line.refuse_all()
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
        caller = Caller(name, background, self._arrivals, self._clock.monotonic())
        while not self._has_room(caller):
            await self._wait_for_turn(caller)
        return self._idle(name, background=background) or await self._start(name, background=background)

    async def _wait_for_turn(self, caller: Caller) -> None:
        try:
            await self._line.join(caller)
        except asyncio.CancelledError:
            if not self._line.leave(caller):
                self._next_turn()  # it was woken already: pass the turn on
            raise

    def _has_room(self, caller: Caller) -> bool:
        everything = self._all()
        mine = [each for each in everything if each.function.name == caller.name]
        if any(not each.busy and self._is_current(each) for each in mine):
            return True
        if sum(each.busy for each in mine) >= self.limits.per_function:
            return False
        limit = self._limit()
        background = sum(each.background and each.busy for each in everything)
        if caller.background and background >= max(1, limit - self.limits.kept_free):
            return False
        return len(everything) < limit or self._gives_way_to(caller, limit)

    def _limit(self) -> int:
        """Return how many instances may live now. Starting instances do not use their memory yet."""
        everything = self._all()
        fitting = len(everything) - sum(each.is_starting for each in everything) + self._more_fit()
        return min(self.limits.total, max(self.limits.fewest, fitting))

    def _gives_way_to(self, caller: Caller, limit: int) -> bool:
        """Return whether an idle instance may be ended for a caller; warns of a shortage."""
        idle = self._longest_idle()
        if idle is not None and not self._is_current(idle):
            return True
        self._shortage.warn(limit=limit, allowed=self.limits.total)
        now = self._clock.monotonic()
        has_waited = now - caller.since >= self.limits.patience_s
        return idle is not None and (has_waited or now - idle.idle_since >= self.limits.rest_s)

    def _longest_idle(self) -> Instance | None:
        """Return the instance that is needed least: one of former code, else the one that is idle longest."""
        idle = [each for each in self._all() if not each.busy]
        return min(idle, key=lambda each: (self._is_current(each), each.idle_since), default=None)

    def _idle(self, name: str, *, background: bool) -> Instance | None:
        """Take the idle instance that was used last, so that the others stay idle and end."""
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
        """Return whether an instance lives and runs the present code and settings."""
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
        idle = self._longest_idle()
        if idle is None or len(self._all()) < self._limit():
            return
        if self._is_current(idle):
            self._shortage.count_eviction()
        self._discard(idle)

    def _release(self, instance: Instance, invocation: Invocation) -> None:
        instance.busy = False
        instance.idle_since = self._clock.monotonic()
        if invocation.instance_lost or not instance.alive:
            self._discard(instance)
        self._next_turn()

    def _next_turn(self) -> bool:
        """Wake the longest-waiting caller that can be served; requests come before background work."""
        return self._line.wake_next(self._has_room)

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
