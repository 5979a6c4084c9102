"""Files are whole or not there, and only one process at a time replaces them on purpose."""

import os
import threading
import time
from pathlib import Path

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.storage import files


def test_a_file_that_a_killed_writer_left_is_removed_once_it_is_surely_dead(tmp_path: Path) -> None:
    whole, young, dead = (tmp_path / name for name in ("whole", ".incomplete-1", ".incomplete-2"))
    for path in (whole, young, dead):
        path.write_bytes(b"x")
    long_ago = time.time() - 4000
    os.utime(dead, (long_ago, long_ago))
    os.utime(whole, (long_ago, long_ago))

    found = files.whole_files(tmp_path, clock=SYSTEM_CLOCK)

    assert found == [whole]
    assert (whole.exists(), young.exists(), dead.exists()) == (True, True, False)


def test_a_folder_that_does_not_exist_has_no_files(tmp_path: Path) -> None:
    assert files.whole_files(tmp_path / "nothing", clock=SYSTEM_CLOCK) == []


def test_whoever_wants_to_be_alone_waits(tmp_path: Path) -> None:
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.wait()
        with files.alone_in(tmp_path):
            order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with files.alone_in(tmp_path):
        entered.set()
        waiting.join(timeout=0.2)
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
