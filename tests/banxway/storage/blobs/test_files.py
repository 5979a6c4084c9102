"""Files are complete or absent, and one process at a time replaces them under the folder's lock."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from banxway.storage.blobs import files
from tests.support.timing.clocks import SetClock

NOW = SetClock().now().timestamp()


def _aged(path: Path, seconds: float) -> Path:
    """Write a file whose last change is this long before NOW."""
    path.write_bytes(b"x")
    os.utime(path, (NOW - seconds, NOW - seconds))
    return path


def test_a_file_that_a_killed_writer_left_is_removed_once_it_is_surely_dead(tmp_path: Path) -> None:
    """After an hour, since no write takes so much time."""
    whole = _aged(tmp_path / "whole", 100_000)
    young, dead = _aged(tmp_path / ".incomplete-1", 3600), _aged(tmp_path / ".incomplete-2", 3601)

    found = files.whole_files(tmp_path, clock=SetClock())

    assert found == [whole]
    assert (whole.exists(), young.exists(), dead.exists()) == (True, True, False)


def test_a_folder_that_does_not_exist_has_no_files(tmp_path: Path) -> None:
    assert files.whole_files(tmp_path / "nothing", clock=SetClock()) == []


def test_files_of_inner_folders_are_found(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    inner = _aged(tmp_path / "inner" / "whole", 0)

    assert files.whole_files(tmp_path, clock=SetClock()) == [inner]


def test_anybody_who_wants_to_be_alone_waits(
    tmp_path: Path, started_until_it_waits: Callable[[threading.Thread], None]
) -> None:
    order: list[str] = []

    def second() -> None:
        with files.lock_folder(tmp_path):
            order.append("second")

    waiting = threading.Thread(target=second)
    with files.lock_folder(tmp_path):
        started_until_it_waits(waiting)
        order.append("first")
    waiting.join()

    assert order == ["first", "second"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.replace(tmp_path / "file", b"old")

    def broken(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="No space"):
        files.replace(tmp_path / "file", b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"
