"""Notices that source code changed, so that the next call runs the new code."""

import os
import time
from collections.abc import Iterable
from pathlib import Path


class SourceWatch:
    """Counts the generations of all .py files under some folders; looks at most once per `interval_s`."""

    def __init__(self, folders: Iterable[Path], *, interval_s: float = 1.0) -> None:
        self._folders = [str(folder) for folder in folders]
        self._interval_s = interval_s
        self._looked_at = 0.0
        self._seen: int | None = None
        self._generation = 0

    def generation(self) -> int:
        """Return a number that grows whenever a file was added, removed or changed."""
        now = time.monotonic()
        if self._seen is None or now - self._looked_at >= self._interval_s:
            self._looked_at = now
            seen = hash(frozenset(_python_files(self._folders)))
            if self._seen is not None and seen != self._seen:
                self._generation += 1
            self._seen = seen
        return self._generation


def _python_files(folders: list[str]) -> Iterable[tuple[str, int]]:
    for folder in folders:
        for entry in _entries(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from _python_files([entry.path])
            elif entry.name.endswith((".py", ".sql")):
                yield entry.path, _changed_ns(entry)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        return [entry for entry in os.scandir(folder) if entry.name != "__pycache__"]
    except FileNotFoundError:
        return []


def _changed_ns(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_mtime_ns
    except FileNotFoundError:  # removed during the scan: that is a change too
        return 0
