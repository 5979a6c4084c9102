"""Builds what the functions run on: their locked packages, and an interpreter with the packages of Lambda's image.

    <bundle>/layers/<layer>/python   a layer's locked packages, compiled
    <bundle>/runtime                 a bare virtual environment with local/runtime-requirements.txt

Each part is built in a neighbouring folder, moved to its own when complete, and stamped with what it was built
from: an interrupted build is never mistaken for a finished one, and an unchanged lock costs nothing.
"""

import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

RUNTIME_REQUIREMENTS = Path(__file__).with_name("runtime-requirements.txt")


Run = Callable[[list[str]], None]
"""Runs a command to its end. Raises if it fails."""


def run_here(command: list[str]) -> None:
    """Run a command in the foreground. Raises CalledProcessError."""
    subprocess.run(command, check=True)


class Builder:
    """Builds into one folder, which several runners may share."""

    def __init__(self, folder: Path, *, run: Run = run_here) -> None:
        self._folder = folder
        self._run = run

    def layer(self, requirements: Path) -> Path:
        """Install a layer's locked packages unless they are there, and return the folder to import from."""
        target = self._folder / "layers" / requirements.parent.name

        def install(draft: Path) -> None:
            print(
                f"  installing the packages of layers/{requirements.parent.name}: takes a minute, once",
                flush=True,
            )
            self._install(requirements, draft / "python")

        self._build(target, requirements, install)
        return target / "python"

    def runtime(self) -> Path:
        """Make the functions' interpreter unless it is there, and return its path."""

        def install(draft: Path) -> None:
            print("  making the functions' interpreter: takes a minute, once", flush=True)
            # Nothing in it names its own folder (no pip, no activated scripts are used), so it may be moved.
            venv.EnvBuilder(symlinks=True, with_pip=False).create(draft)
            self._install(RUNTIME_REQUIREMENTS, next(draft.glob("lib/python*/site-packages")))

        target = self._folder / "runtime"
        self._build(target, RUNTIME_REQUIREMENTS, install)
        return target / "bin" / "python"

    def _build(self, target: Path, requirements: Path, install: Callable[[Path], None]) -> None:
        wanted = _stamp(requirements)
        stamp = target / "built-from"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests in parallel share one folder
            if stamp.exists() and stamp.read_text() == wanted:
                return
            draft = target.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            install(draft)
            (draft / "built-from").write_text(wanted)
            shutil.rmtree(target, ignore_errors=True)
            draft.rename(target)

    def _install(self, requirements: Path, target: Path) -> None:
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-compile",
        ]
        exactly = ["--no-deps", "--require-hashes", "-r", str(requirements), "--target", str(target)]
        self._run([*pip, *exactly])
        # Compiled as the deployed layers are: unchecked, since the files never change after this.
        compiling = [sys.executable, "-m", "compileall", "-qq", "-f", "-j", "0"]
        self._run([*compiling, "--invalidation-mode", "unchecked-hash", str(target)])


def _stamp(requirements: Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(f"{sys.implementation.cache_tag} {sys.base_prefix} {platform.platform()}".encode())
    return digest.hexdigest()
