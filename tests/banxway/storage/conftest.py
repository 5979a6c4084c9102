"""Fixtures for tests of files."""

import fcntl
import threading
from collections.abc import Callable

import pytest

from tests.support.timing.waiting import eventually

WaitsForLock = Callable[[threading.Thread], None]


@pytest.fixture
def started_until_it_waits(monkeypatch: pytest.MonkeyPatch) -> WaitsForLock:
    """Start a thread, and return when it waits for a file's lock, or has ended because it needed none."""
    waiting: list[threading.Thread] = []
    lock = fcntl.flock

    def lock_and_note(handle: int, operation: int) -> None:
        try:
            lock(handle, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting.append(threading.current_thread())
            lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", lock_and_note)

    def start(thread: threading.Thread) -> None:
        thread.start()
        eventually(lambda: thread in waiting or not thread.is_alive())

    return start
