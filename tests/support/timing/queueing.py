"""Shows that several processes wait for each other at a lock."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.support.databases.postgres import TestDatabase
from tests.support.timing.racing import Background, held
from tests.support.timing.waiting import eventually

T = TypeVar("T")
ADVISORY = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
"""A lock by its name."""

PLACING = "SELECT pg_advisory_xact_lock(7001, hashtext(%s))"
"""The lock under which an organization's mail is put into threads, by its id."""


def one_after_the_other(
    database: TestDatabase, acts: Sequence[Callable[[], T]], *, behind: str, named: tuple[Any, ...] = ()
) -> list[T]:
    """Let all of them wait for a lock, release it, and return what each returned.

    Fails if one of them ends without waiting: then they could run at the same time, whatever happened this time.
    """
    with held(database, behind, named):
        racers = [Background(act) for act in acts]
        eventually(
            lambda: database.waiting_for_locks() >= len(racers) or any(racer.is_over for racer in racers)
        )
        hasty = [racer.result() for racer in racers if racer.is_over]
        assert not hasty, f"{len(hasty)} did not wait for {behind}"
    return [racer.result() for racer in racers]
