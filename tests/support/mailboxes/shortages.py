"""Makes one step of a process fail for lack of memory, file handles or disk; afterwards it has enough again.

    steps = Shortage.of_memory(mailbox).observe(poll)
    for step in steps: ...
        Shortage.of_memory(mailbox).strike(step, poll)

Steps are transactions, writes of stored content, and requests to the mail server. Memory may be short before and
after each of them, handles where something is opened, and disk where something is written.
"""

import errno
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
import pytest

from banxway import errors
from banxway.storage.blobs import files
from tests.support.product.fake_mailbox import FakeMailbox

_ASKED = ("folders", "open", "sizes", "fetch", "uids", "flags")


@dataclass(frozen=True)
class _Point:
    """A function whose calls are steps, and what it raises where there is not enough."""

    owner: object
    name: str
    error: Callable[[], Exception]
    moments: Sequence[str] = ("before",)
    only: Callable[..., bool] = lambda *_: True


class Shortage:
    """One kind of shortage of one process."""

    def __init__(self, points: Sequence[_Point]) -> None:
        self._points = points
        self._numbers = Counter[str]()
        self._taken: list[str] = []
        self._struck: str | None = None
        self._has_struck = False

    @classmethod
    def of_memory(cls, mailbox: FakeMailbox) -> "Shortage":
        both = ("before", "after")
        points = [_Point(psycopg.Connection, "execute", MemoryError, both, only=_is_commit)]
        points += [_Point(files, "_make_durable", MemoryError, both)]
        points += [_Point(mailbox, name, MemoryError) for name in _ASKED]
        return cls(points)

    @classmethod
    def of_handles(cls, mailbox: FakeMailbox) -> "Shortage":
        points = [_Point(files, name, _no_handle) for name in ("replace", "replace_all")]
        points += [_Point(psycopg, "connect", lambda: psycopg.OperationalError("Too many open files"))]
        points += [_Point(mailbox, name, _not_dialled) for name in ("folders", "open")]
        return cls(points)

    @classmethod
    def of_disk(cls, mailbox: FakeMailbox) -> "Shortage":
        """Of our own disk in the middle of a write, or of the database's at a commit."""
        del mailbox
        points = [_Point(files, "_make_durable", _disk_full, ("before", "after"))]
        full = psycopg.errors.DiskFull("could not extend file")
        commits = _Point(psycopg.Connection, "execute", lambda: full, only=_is_commit)
        return cls([*points, commits])

    def observe(self, act: Callable[[], object]) -> list[str]:
        """Let it act with enough of everything; returns its steps, in order."""
        with self._installed():
            act()
        assert self._taken, "nothing was done that could fail"
        return self._taken

    def strike(self, step: str, act: Callable[[], object]) -> None:
        """Let it act and fail at this step, whatever it makes of that."""
        self._struck = step
        with self._installed(), suppress(MemoryError, OSError, psycopg.Error, errors.BanxwayError):
            act()
        assert self._has_struck, f"it never came to {step}: {self._taken}"

    @contextmanager
    def _installed(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for point in self._points:
                patch.setattr(point.owner, point.name, self._watched(point, getattr(point.owner, point.name)))
            yield

    def _watched(self, point: _Point, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: Any, **named: Any) -> Any:
            if not point.only(*given):
                return real(*given, **named)
            place = f"{'commit' if point.only is _is_commit else point.name.strip('_')} in {_caller()}"
            self._numbers[place] += 1
            step = f"{place} ({self._numbers[place]})"
            if "before" in point.moments:
                self._come_to(f"before {step}", point.error)
            result = real(*given, **named)
            if "after" in point.moments:
                self._come_to(f"after {step}", point.error)
            return result

        return act

    def _come_to(self, step: str, error: Callable[[], Exception]) -> None:
        self._taken.append(step)
        if step == self._struck and not self._has_struck:
            self._has_struck = True
            raise error()


def _no_handle() -> OSError:
    return OSError(errno.EMFILE, "Too many open files")


def _disk_full() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def _not_dialled() -> errors.ProviderUnavailable:
    """Return the error that the mail client raises for a socket that cannot be opened."""
    return errors.ProviderUnavailable("Too many open files", provider="imap", operation="connect")


def _is_commit(*given: Any) -> bool:
    return len(given) > 1 and given[1] == "COMMIT"


def _caller() -> str:
    """Return the nearest function of the product's services on the stack."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename).as_posix()
        if "/banxway/services/" in path:
            return f"{Path(path).stem}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "?"
