"""Programs that tests need and Debian packages hold: installed where they are missing, or named clearly."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def installed(program: str, package: str) -> str:
    """Return the path of a program, after installing its Debian package where it is missing and that is possible.

    Fails the test with one sentence that names the command where it is not.
    """
    if path := _found(program):
        return path
    command = f"apt-get install -y --no-install-recommends {package}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.fail(f"{program} is missing; install it with: sudo {command}")
    with (Path(tempfile.gettempdir()) / "banxway-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may find it missing at once
        if _found(program) is None:
            _apt_get(command)
    if path := _found(program):
        return path
    return pytest.fail(f"{program} is missing although this ran: {command}")


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _apt_get(command: str) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command.split(), env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        subprocess.run(["apt-get", "update"], env=quiet, capture_output=True, check=False)
        done = subprocess.run(command.split(), env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{command} failed: {done.stderr[-500:]}")
