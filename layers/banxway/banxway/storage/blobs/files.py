"""Files on one machine that are written as a whole or not at all, even if the writer is killed."""

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
"""A database on the same disk writes its log in files of 16 MB, and stops if one does not fit."""


def replace(path: Path, content: bytes) -> None:
    """Replace a file atomically: a reader, and the disk after a power cut, has the old content or the new."""
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
    """Replace files of one folder, by name, each atomically; one flush makes all of them durable.

    A kill leaves some of them new and the others unchanged.
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
    """Flush written files: with one call for the file system where the platform has one (Linux), else each."""
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
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder within the block: other processes wait in `lock_folder`. Raises OSError if it does not exist."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def cause_of(error: OSError) -> str:
    """Return the operating system's own text, such as "No space left on device"; it contains no path."""
    return error.strerror or type(error).__name__


def full_disk(folder: Path) -> str | None:
    """Return a sentence if the folder's disk is full (less than 20 MB are free), else None."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    if free >= _ROOM_BYTES:
        return None
    return f"The disk is full: {free // 1_000_000} MB are free, less than {_ROOM_BYTES // 1_000_000} MB"


def whole_files(folder: Path, *, clock: Clock) -> list[Path]:
    """Return every complete file below a folder, and remove the files that killed writers left behind."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        if path.name.startswith(_INCOMPLETE):
            _forget_if_dead(path, clock)
    return [path for path in files if not path.name.startswith(_INCOMPLETE)]


def _forget_if_dead(path: Path, clock: Clock) -> None:
    # Its writer may finish, and so rename it, at this moment.
    with suppress(FileNotFoundError):
        if clock.now().timestamp() - path.stat().st_mtime > _SURELY_DEAD_S:
            path.unlink()
