"""Several processes at once, in an order that a test decides: nothing here depends on who is scheduled first.

    Background(act)             runs in a thread of its own; `result` waits for it, and raises what it raised
    all_at_once(acts)           runs several, and returns their results in the order given
    until_waiting(database, n)  returns once `n` connections wait for somebody else's lock
    ends_without_waiting(…)     returns whether something in the background needs no such lock
    held(database, statement)   keeps the locks of a statement while the block runs

    with held(database, "SELECT FROM threads FOR UPDATE"):     # everybody comes this far
        racers = [Background(act) for act in acts]
        until_waiting(database, len(racers))
    results = [racer.result() for racer in racers]             # and goes on from here

`patient` gives a process's statements all the time they need: the product's own limits of 5 and 10 seconds would
end a race on a machine that stands still for so long.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import psycopg

from banxway.app import App
from banxway.models.time_limits import TimeLimits
from tests.support.databases.postgres import TestDatabase
from tests.support.timing.waiting import PATIENCE_S, eventually

T = TypeVar("T")
A = TypeVar("A", bound=App)


class Background(Generic[T]):
    """Runs in a thread of its own, from now on."""

    def __init__(self, act: Callable[[], T]) -> None:
        self._act = act
        self._result: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result.append(self._act())
        except BaseException as error:  # noqa: BLE001  # raised again where the result is asked for
            self._error = error

    @property
    def is_over(self) -> bool:
        """Return whether it has ended, well or not."""
        return not self._thread.is_alive()

    def result(self) -> T:
        """Wait for its end; return what it returned, or raise what it raised."""
        self._thread.join(PATIENCE_S)
        assert self.is_over, "it never ended"
        if self._error is not None:
            raise self._error
        return self._result[0]


def all_at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Start several at the same moment; return what each returned, or raise what the first of them raised."""
    start = threading.Barrier(len(acts))

    def begin(act: Callable[[], T]) -> T:
        start.wait(PATIENCE_S)
        return act()

    racers = [Background(lambda act=act: begin(act)) for act in acts]  # type: ignore[misc]  # bound now
    return [racer.result() for racer in racers]


def until_waiting(database: TestDatabase, count: int = 1) -> None:
    """Return once `count` connections of a database wait for somebody else's lock."""
    eventually(lambda: database.waiting_for_locks() >= count)


def ends_without_waiting(database: TestDatabase, racer: "Background[Any]") -> bool:
    """Return whether it comes to its end while the locks are held; False as soon as somebody waits for one."""
    eventually(lambda: racer.is_over or database.waiting_for_locks())
    return racer.is_over


@contextmanager
def held(database: TestDatabase, statement: str, parameters: tuple[Any, ...] = ()) -> Iterator[None]:
    """Keep the locks that a statement takes, as another process would in the middle of its work."""
    with psycopg.connect(database.superuser_url) as holder:
        holder.execute(statement, parameters)
        yield


@contextmanager
def held_changes(database: TestDatabase, organization_id: object) -> Iterator[None]:
    """Keep everybody from numbering a change: a change of a message waits here, at the end of its work."""
    database.rows(
        "INSERT INTO change_sequences (organization_id) VALUES (%s) ON CONFLICT DO NOTHING",
        (organization_id,),
    )
    statement = "SELECT FROM change_sequences WHERE organization_id = %s FOR UPDATE"
    with held(database, statement, (organization_id,)):
        yield


def patient(app: A) -> A:
    """Let the statements of a process take as long as they need."""
    database: Any = app.infrastructure.database
    begin = database._begin
    database._limits = lambda: TimeLimits(*(PATIENCE_S * 1000,) * 3)
    database._begin = lambda statement, parameters: begin(statement, (*parameters[:-1], PATIENCE_S * 1000))
    return app


def impatient(app: A) -> A:
    """Let a process give a lock up as soon as it has to wait for it; nothing else of it hurries."""
    database: Any = app.infrastructure.database
    database._limits = lambda: TimeLimits(PATIENCE_S * 1000, 1, PATIENCE_S * 1000)
    return app
