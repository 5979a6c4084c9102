"""Kills a process at a named step: before or after each transaction and each write of a blob.

    steps = Failpoints.observe(product.app, poll)             # what one run does, in order
    for step in steps: ...
        with Failpoints.killing(product.app, step): poll()     # raises Killed there, as SIGKILL would stop it

What other processes do at just that moment is handed in as `elsewhere`: before the death, or at every step of a run
that is only observed.

A step is named by the code that took it, such as "3 commit email_sync.intake.Intake._store": of equal steps each
has its own number. A process that was killed is thrown away: close it, and go on with a `twin`.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from banxway.app import App
from banxway.storage.blobs import files

# What only opens transactions or writes on somebody's behalf says nothing of who did: its caller does.
_OUTSIDE = ("banxway/app/", "banxway/storage/", "banxway/security/", "banxway/services/email_sync/lease.py")
_WRITES = ("replace", "replace_all")


class Killed(BaseException):
    """Raised in place of SIGKILL: nothing of ours catches it."""


class Failpoints:
    """The steps of one process, as they happen; `fatal` is the one that it does not survive."""

    def __init__(self, fatal: str | None = None, *, elsewhere: Callable[[], object] | None = None) -> None:
        self.taken: list[str] = []
        self._fatal = fatal
        self._elsewhere = elsewhere
        self._is_elsewhere = False
        self._lock = threading.Lock()
        self.has_killed = False

    @classmethod
    def observe(
        cls, app: App, act: Callable[[], object], *, elsewhere: Callable[[], object] | None = None
    ) -> list[str]:
        """Let it act without a kill, and return the names of its steps, each once before and once after it."""
        points = cls(elsewhere=elsewhere)
        with points._installed(app):
            act()
        assert points.taken, "nothing was committed or written: there is no step to die at"
        return [f"{moment} {step}" for step in points.taken for moment in ("before", "after")]

    @classmethod
    @contextmanager
    def killing(
        cls, app: App, step: str, *, elsewhere: Callable[[], object] | None = None
    ) -> Iterator["Failpoints"]:
        """Kill the process at this step; fails if it never reaches the step."""
        points = cls(fatal=step, elsewhere=elsewhere)
        with points._installed(app), pytest.raises(Killed):
            yield points
        assert points.has_killed, f"it never came to {step}: {points.taken}"

    @contextmanager
    def _installed(self, app: App) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            database = app.infrastructure.database
            commit = database._commit
            patch.setattr(database, "_commit", lambda connection: self._step("commit", commit, connection))
            for name in _WRITES:
                write = getattr(files, name)
                patch.setattr(files, name, lambda *given, write=write: self._step("write", write, *given))
            yield

    def _step(self, kind: str, real: Callable[..., Any], *given: Any) -> Any:
        if self._is_elsewhere:
            return real(*given)
        with self._lock:
            name = f"{len(self.taken) + 1} {kind} {_caller()}"
            self.taken.append(name)
        self._arrive_at(f"before {name}")
        result = real(*given)
        self._arrive_at(f"after {name}")
        return result

    def _arrive_at(self, step: str) -> None:
        is_fatal = step == self._fatal
        if self._elsewhere and (is_fatal or self._fatal is None):
            self._is_elsewhere = True
            self._elsewhere()
            self._is_elsewhere = False
        # A dead process does nothing more, in none of its threads.
        if self.has_killed or is_fatal:
            self.has_killed = True
            raise Killed(step)


def _caller() -> str:
    """Return the innermost function on the stack that is not a helper, by area and name."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename).as_posix()
        if (
            "/banxway/banxway/" in path
            and not any(part in path for part in _OUTSIDE)
            and "contextlib" not in path
        ):
            place = path.partition("/banxway/banxway/")[2].removeprefix("services/").removesuffix(".py")
            return f"{place.replace('/', '.')}.{frame.f_code.co_qualname}"
        frame = frame.f_back
    return "?"
