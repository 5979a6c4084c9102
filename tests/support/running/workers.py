"""Kills the processes of functions while they wait for a lock or a commit in Postgres, or for another server."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.support.running.company import Company
from tests.support.running.queues import RunnerQueues
from tests.support.running.runner import Runner
from tests.support.timing.waiting import eventually

DELIVERER = "MessagesDeliver"


class Workers:
    """The processes of one runner's functions."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._queues = RunnerQueues(runner)

    def pids(self, function: str, *, busy: bool) -> list[int]:
        """Return the function's own processes (not the emulators) that are at work, or that are not."""
        return [
            instance["python_pid"]
            for instance in self._runner.functions()[function]
            if instance["busy"] is busy and instance["python_pid"]
        ]

    def are_idle(self, function: str) -> bool:
        return not any(instance["busy"] for instance in self._runner.functions()[function])

    def kill(self, function: str, *, once: Callable[[], object]) -> None:
        """SIGKILL the workers of this function as soon as `once` is true; wait until the runner has noticed.

        The workers are found before that: `once` may wait, and has a time limit.
        """
        victims = eventually(lambda: self.pids(function, busy=True))
        eventually(once)
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: not set(victims) & set(self.pids(function, busy=True)))

    def kill_at_lock(self, function: str) -> None:
        """Kill a function's process as soon as its connection waits for a lock."""
        self._kill_at_event(function, "wait_event_type = 'Lock'")

    def kill_at_commit(self, function: str) -> None:
        """Kill it as soon as its COMMIT is on disk and waits for a standby."""
        self._kill_at_event(function, "wait_event = 'SyncRep'")

    def warm_up(self, company: Company) -> None:
        """Let a worker look for a message that does not exist, until a worker has done that and is warm."""
        self._queues.send_due(company.id, uuid4())

        def is_warm() -> bool:
            if self._queues.depth("MessageQueue")["visible"] or not self.are_idle(DELIVERER):
                return False
            if self.pids(DELIVERER, busy=False):
                return True
            self._queues.send_due(company.id, uuid4())
            return False

        eventually(is_warm)

    def _kill_at_event(self, function: str, condition: str) -> None:
        with psycopg.connect(self._runner.info["database"]["superuser_url"], autocommit=True) as watcher:
            statement = sql.SQL("SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND {}").format(
                sql.SQL(condition)
            )
            self.kill(function, once=lambda: watcher.execute(statement, (function,)).fetchone())


@contextmanager
def holding(runner: Runner, statement: str, parameters: tuple[object, ...] = ()) -> Iterator[None]:
    """Keep the locks that a statement takes, as superuser, until the block ends."""
    with psycopg.connect(runner.info["database"]["superuser_url"]) as holder:
        holder.execute(statement, parameters)
        yield
        holder.rollback()


@contextmanager
def unanswered_commits(runner: Runner) -> Iterator[None]:
    """Make commits durable but leave them unanswered, by waiting for a standby that does not exist."""
    with psycopg.connect(runner.info["database"]["superuser_url"], autocommit=True) as settings:
        settings.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        settings.execute("SELECT pg_reload_conf()")
        try:
            _await_an_unanswered_commit(settings, runner)
            yield
        finally:
            settings.execute("ALTER SYSTEM RESET synchronous_standby_names")
            settings.execute("SELECT pg_reload_conf()")


def _await_an_unanswered_commit(watcher: "psycopg.Connection[Any]", runner: Runner) -> None:
    """Commit until a commit is not answered: the setting takes effect when the checkpointer has read it."""
    waits = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'"
    with (
        psycopg.connect(runner.info["database"]["superuser_url"], autocommit=True) as prober,
        ThreadPoolExecutor(max_workers=1) as background,
    ):
        pid = prober.info.backend_pid
        while True:
            commit = background.submit(prober.execute, "COMMENT ON DATABASE postgres IS 'probed'")
            while not commit.done():
                if watcher.execute(waits, (pid,)).fetchone():
                    watcher.execute("SELECT pg_cancel_backend(%s)", (pid,))
                    commit.result()
                    return
