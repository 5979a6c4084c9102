"""Runs two processes that do the same at once, in the order that shows a missing lock.

    mine, theirs = overtaken(database, process, save, save_as_well)

The first has done its work and is about to commit when the second begins. It commits once the second waits for a
lock, or has ended because it saw no reason to wait: so the outcome is the same on every machine, with the lock and
without it.
"""

from collections.abc import Callable
from typing import Any

import pytest

from banxway.storage.database import Database
from tests.support.databases.postgres import TestDatabase
from tests.support.timing.racing import Background, ends_without_waiting

Outcome = Any
"""What a job returned, or the exception that it raised."""


def outcome_of(job: Callable[[], Any]) -> Outcome:
    """Do a job and return what it returns or raises."""
    try:
        return job()
    except Exception as error:  # noqa: BLE001 -- an outcome as any other; the test compares it
        return error


def overtaken(
    database: TestDatabase,
    process: Database,
    first: Callable[[], Any],
    second: Callable[[], Any],
    *,
    at_commit: int = 1,
) -> tuple[Outcome, Outcome]:
    """Do both jobs as above, the first in `process`; return what each returned or raised.

    `at_commit` says which of the first's transactions is overtaken, where it has several.
    """
    racers: list[Background[Outcome]] = []
    commit, left = process._commit, at_commit

    def commit_late(connection: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            racers.append(Background(lambda: outcome_of(second)))
            ends_without_waiting(database, racers[0])
        commit(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "_commit", commit_late)
        mine = outcome_of(first)
    assert left <= 0, f"the first made {at_commit - left} transactions"
    return mine, racers[0].result()
