"""Builds what the functions run on: their locked packages, and an interpreter with what Lambda's image has.

    <bundle>/layers/<layer>/python   a layer's locked packages, compiled
    <bundle>/runtime                 a bare virtual environment with local/runtime-requirements.txt

A part is built beside its place and moved there when whole, and carries a stamp of what it was built from;
so an interrupted build is never mistaken for a finished one, and an unchanged lock costs nothing.
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


def build_layer(bundle: Path, requirements: Path, *, announce: Callable[[str], None] = print) -> Path:
    """Install a layer's locked packages unless they are there, and return the folder to import from."""
    place = bundle / "layers" / requirements.parent.name

    def install(draft: Path) -> None:
        announce(f"installing the packages of {requirements.parent.name} (first start, or the lock changed)")
        _pip("install", "--target", str(draft / "python"), requirements=requirements)
        _compile(draft / "python")

    _build(place, requirements, install)
    return place / "python"


def build_runtime(bundle: Path, *, announce: Callable[[str], None] = print) -> Path:
    """Make the functions' interpreter unless it is there, and return its path."""

    def install(draft: Path) -> None:
        announce("making the functions' interpreter (first start, or the lock changed)")
        # Nothing in it names its own folder (no pip, no activated scripts are used), so that it may be moved.
        venv.EnvBuilder(symlinks=True, with_pip=False).create(draft)
        packages = next(draft.glob("lib/python*/site-packages"))
        _pip("install", "--target", str(packages), requirements=RUNTIME_REQUIREMENTS)
        _compile(packages)

    place = bundle / "runtime"
    _build(place, RUNTIME_REQUIREMENTS, install)
    return place / "bin" / "python"


def _build(place: Path, requirements: Path, install: Callable[[Path], None]) -> None:
    wanted = _stamp(requirements)
    stamp = place / "built-from"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in parallel share one bundle
        if stamp.exists() and stamp.read_text() == wanted:
            return
        draft = place.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        install(draft)
        (draft / "built-from").write_text(wanted)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)


def _stamp(requirements: Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(f"{sys.implementation.cache_tag} {sys.base_prefix} {platform.platform()}".encode())
    return digest.hexdigest()


def _pip(*arguments: str, requirements: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        *arguments,
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    subprocess.run([*command, "--no-deps", "--require-hashes", "-r", str(requirements)], check=True)


def _compile(folder: Path) -> None:
    """Compile as the deployed layers are; unchecked, since the files never change after this."""
    command = [
        sys.executable,
        "-m",
        "compileall",
        "-q",
        "-f",
        "-j",
        "0",
        "--invalidation-mode",
        "unchecked-hash",
    ]
    # A package may carry files for other Python versions, which do not compile: pip ignores those too.
    subprocess.run([*command, str(folder)], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
