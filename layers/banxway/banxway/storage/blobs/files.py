"""Files on one machine that are there as a whole or not at all, whoever is killed while writing."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from banxway.clock import Clock

_INCOMPLETE = ".incomplete-"
_SURELY_DEAD_S = 3600  # no write takes that long
_ROOM_BYTES = 20_000_000
"""A database on the same disk writes its log in pieces of 16 MB, and ends where one does not fit."""


def replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old content or the new, and a power cut leaves one of them."""
    # mkstemp makes the file for this user alone (0600). The rename is durable once its folder is synced.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_INCOMPLETE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def replace_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files of one folder by name, each as `replace` does; all are durable with one pass over the disk.

    A kill leaves some of them new and the others as they were.
    """
    written: list[tuple[str, Path]] = []
    try:
        for name, content in contents.items():
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=_INCOMPLETE)
            written.append((temporary, folder / name))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        _make_durable(folder, [temporary for temporary, _ in written])
        for temporary, path in written:
            Path(temporary).replace(path)
    except BaseException:
        for temporary, _ in written:
            Path(temporary).unlink(missing_ok=True)
        raise
    _sync(folder)


def _make_durable(folder: Path, paths: list[str]) -> None:
    """Flush files that were written: by one call for their file system where there is one (Linux), else each."""
    import ctypes

    handle = os.open(folder, os.O_RDONLY)
    try:
        flush_all = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if len(paths) > 1 and flush_all is not None:
            if flush_all(handle) != 0:
                raise OSError(ctypes.get_errno(), "syncfs failed")
            return
    finally:
        os.close(handle)
    for path in paths:
        _sync(Path(path))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes out of their own `alone_in` of the same folder; raises OSError without a folder."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def cause_of(error: OSError) -> str:
    """Return the system's own words, such as "No space left on device"; they hold no path."""
    return error.strerror or type(error).__name__


def full_disk(folder: Path) -> str | None:
    """Return the sentence for a folder on a disk that takes next to nothing any more, else None."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(place).free
    if free >= _ROOM_BYTES:
        return None
    return f"The disk is full: {free // 1_000_000} MB are free, less than {_ROOM_BYTES // 1_000_000} MB"


def whole_files(folder: Path, *, clock: Clock) -> list[Path]:
    """Return every file below a folder that was written to its end, and remove what killed writers left."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        if path.name.startswith(_INCOMPLETE):
            _forget_if_dead(path, clock)
    return [path for path in files if not path.name.startswith(_INCOMPLETE)]


def _forget_if_dead(path: Path, clock: Clock) -> None:
    # Its writer may finish at this moment.
    with suppress(FileNotFoundError):
        if clock.now().timestamp() - path.stat().st_mtime > _SURELY_DEAD_S:
            path.unlink()
