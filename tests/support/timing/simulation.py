"""Processes that run side by side in simulated time: hours pass in seconds, and each run is like the one before.

    simulation = Simulation(start)
    simulation.at(0, tick)              # an actor: a function that runs in a thread of its own
    simulation.clock.sleep(9)           # inside an actor: others run for nine seconds
    simulation.run_until(3600)
    simulation.end()

One actor runs at a time, until it sleeps or ends; then the one whose time comes first continues. So nothing depends
on the machine: computing takes no simulated time. No actor may sleep while it has a lock that another one waits for.
"""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from banxway.clock import Clock


class SimulatedClock(Clock):
    """The clock of every actor. Sleeping lets the others run."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation

    def now(self) -> datetime:
        return self._simulation.moment

    def monotonic(self) -> float:
        return self._simulation.seconds

    def sleep(self, seconds: float) -> None:
        self._simulation.sleep(seconds)


class Simulation:
    """Actors, and the time that passes between what they do."""

    def __init__(
        self, start: datetime, *, on_advance: Callable[[datetime], object] = lambda moment: None
    ) -> None:
        """`on_advance` is called with each new moment, before anybody acts in it."""
        self._start = start
        self._on_advance = on_advance
        self.seconds = 0.0
        self.clock = SimulatedClock(self)
        self._turns: list[tuple[float, int, threading.Event]] = []
        self._numbers = itertools.count()
        self._is_handed_back = threading.Event()
        self._is_over = False
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    @property
    def moment(self) -> datetime:
        """The time of day."""
        return self._start + timedelta(seconds=self.seconds)

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Let an actor begin at a second of the simulation."""
        turn = self._turn_at(seconds)

        def run() -> None:
            turn.wait()
            try:
                if not self._is_over:
                    act()
            except _Over:
                pass
            except BaseException as error:  # noqa: BLE001  # raised by `run`
                self._failures.append(error)
            finally:
                self._is_handed_back.set()

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def sleep(self, seconds: float) -> None:
        """Let others act until this much time has passed; for actors."""
        turn = self._turn_at(self.seconds + seconds)
        self._is_handed_back.set()
        turn.wait()
        if self._is_over:
            raise _Over

    def pass_by(self, seconds: float) -> None:
        """Let time pass without letting others act: for what an actor does in a thread of its own."""
        self._pass_to(self.seconds + seconds)

    def run_until(self, seconds: float) -> None:
        """Let the actors act until a second of the simulation; raises what one of them raised."""
        while self._turns and self._turns[0][0] <= seconds and not self._failures:
            self._pass_to(self._turns[0][0])
            self._give(heapq.heappop(self._turns)[2])
        self._pass_to(seconds)
        if self._failures:
            raise self._failures[0]

    def end(self) -> None:
        """Let every actor that still sleeps end where it is."""
        self._is_over = True
        while self._turns:
            self._give(heapq.heappop(self._turns)[2])
        for thread in self._threads:
            thread.join()

    def _pass_to(self, seconds: float) -> None:
        if seconds > self.seconds:
            self.seconds = seconds
            self._on_advance(self.moment)

    def _turn_at(self, seconds: float) -> threading.Event:
        turn = threading.Event()
        heapq.heappush(self._turns, (seconds, next(self._numbers), turn))
        return turn

    def _give(self, turn: threading.Event) -> None:
        self._is_handed_back.clear()
        turn.set()
        self._is_handed_back.wait()


class _Over(BaseException):
    """Raised in an actor that sleeps when the simulation ends."""
