"""Builds the console into `console/dist/<mode>`, and only if its sources have changed since.

Packages are installed again only if package-lock.json has changed. Builds of one working tree wait for each other. A
finished build replaces the former one at once: a page that is loading sees one of the two.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.console import node

Run = Callable[[list[str], Path], None]
"""Runs a command in a folder to its end. Raises CannotStart with the reason."""

DEMO = "demo"
"""The build with what only the local product has: demo people and the sandbox."""
PRODUCTION = "production"
MODES = (DEMO, PRODUCTION)

_LOCK = "package-lock.json"
_NO_SOURCES = {"node_modules", "dist"}
_MARK = ".fingerprint"


class ConsoleBuilder:
    """Builds the console of one working tree."""

    def __init__(self, folder: Path, *, run: Run) -> None:
        self._folder = folder
        self._run = run

    @property
    def is_there(self) -> bool:
        """Return whether the working tree has a console."""
        return (self._folder / "package.json").exists()

    def build(self, mode: str) -> Path:
        """Return the folder of the built console, after building it if anything has changed. Raises CannotStart."""
        built = self._folder / "dist" / mode
        with self._alone():
            fingerprint = self._fingerprint(mode)
            if _mark_of(built) != fingerprint:
                self._install()
                self._build(mode, built)
                _mark_path(built).write_text(fingerprint)
        return built

    def install(self) -> Path:
        """Return the folder of the installed packages, after installing if the lock changed. Raises CannotStart."""
        with self._alone():
            return self._install()

    def _install(self) -> Path:
        packages = self._folder / "node_modules"
        fingerprint = hashlib.sha256((self._folder / _LOCK).read_bytes()).hexdigest()
        mark = packages / _MARK
        if not mark.exists() or mark.read_text() != fingerprint:
            self._run(node.npm_ci(), self._folder)
            mark.write_text(fingerprint)
        return packages

    def _build(self, mode: str, built: Path) -> None:
        packages = self._folder / "node_modules"
        fresh = built.with_name(f"{mode}.new")
        former = built.with_name(f"{mode}.old")
        arguments = ("build", "--mode", mode, "--outDir", str(fresh), "--emptyOutDir", "--logLevel", "warn")
        self._run(node.script(packages, "vite/bin/vite.js", *arguments), self._folder)
        shutil.rmtree(former, ignore_errors=True)
        if built.exists():
            built.rename(former)
        fresh.rename(built)
        shutil.rmtree(former, ignore_errors=True)

    def _fingerprint(self, mode: str) -> str:
        """Return a digest of every source and its name."""
        digest = hashlib.sha256(mode.encode())
        for file in sorted(_sources(self._folder)):
            digest.update(str(file.relative_to(self._folder)).encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until no other process builds in this working tree."""
        (self._folder / "dist").mkdir(exist_ok=True)
        with (self._folder / "dist" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _sources(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NO_SOURCES]
        yield from (Path(parent) / name for name in files)


def _mark_path(built: Path) -> Path:
    return built.with_name(f"{built.name}{_MARK}")


def _mark_of(built: Path) -> str | None:
    mark = _mark_path(built)
    return mark.read_text() if mark.exists() and (built / "index.html").exists() else None
