"""A disk that fills up: a small file system of its own, where this user may mount one.

Where it may not, a limit on every file that this process writes replaces it. Both refuse a write in its middle;
the first says ENOSPC, the second EFBIG.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KINDS = ("small disk", "limited files")
"""A real disk where this machine allows it, else limited files."""

_SIZE_BYTES = 4 * 1024 * 1024


class Disk:
    """A file system in `folder`; while a `full` block runs, nothing more fits on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self) -> Iterator[None]:
        """Fill it to the last byte until the block ends."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (1024 * 1024, 4096, 1):
                while _has_written(file.fileno(), size):
                    pass
        try:
            yield
        finally:
            ballast.unlink()


class LimitedFiles(Disk):
    """Replaces a full disk by a limit on the length of this process's files."""

    @contextmanager
    def full(self) -> Iterator[None]:
        """Refuse every write of this process to a file until the block ends."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Mount a disk of a few megabytes on a folder, or replace one by limited files."""
    folder.mkdir(parents=True, exist_ok=True)
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if not mount or not unmount or not _has_mounted(mount, folder):
        yield LimitedFiles(folder)
        return
    try:
        yield Disk(folder)
    finally:
        # Lazily: what a test still holds open must not keep the mount after the run.
        subprocess.run([unmount, "--lazy", str(folder)], check=True)


@contextmanager
def disk_of(kind: str, folder: Path) -> Iterator[Disk]:
    """Yield a disk of one of `KINDS`, below a folder."""
    if kind == "limited files":
        yield LimitedFiles(folder)
        return
    with small_disk(folder / "disk") as small:
        yield small


def _has_mounted(mount: str, folder: Path) -> bool:
    arguments = [mount, "-t", "tmpfs", "-o", f"size={_SIZE_BYTES},mode=700", "none", str(folder)]
    return os.geteuid() == 0 and subprocess.run(arguments, capture_output=True).returncode == 0


def _has_written(file: int, size: int) -> bool:
    try:
        return os.write(file, b"x" * size) > 0
    except OSError:
        return False
