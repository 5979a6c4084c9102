"""Programs from Debian packages: `python -m tests.support.gates.debian` finds or installs those that tests need.

    found("dovecot")       the path of a program, for the code that runs it
    missing_for(items)     what to do before tests that were collected can run

`make test` and `make soak` call it before pytest, `make bench` with the names of what benchmarks need. It installs
only where it may, and takes no time where nothing is missing. A session whose tests need a program that is missing
all the same ends before the first test (tests/conftest.py).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain

import pytest

PACKAGES = {"dovecot": "dovecot-imapd", "doveadm": "dovecot-core", "chromium": "chromium", "mbsync": "isync"}
"""Each program, and the package that brings it."""

_NEEDED_BY = {"dovecot": ("dovecot", "doveadm"), "chromium": ("chromium",), "browser": ("chromium",)}
"""By fixture, and by the module of tests/support that runs them: a test that uses one needs these programs."""

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def found(program: str) -> str:
    """Return the path of a program. Fails the test where it is missing, as the session should have before."""
    return shutil.which(program, path=_PLACES) or pytest.fail(_sentence(program))


def missing(programs: Iterable[str] = ()) -> list[str]:
    """Return which of some programs are not on this machine; of those that tests need, if none are named."""
    wanted = programs or dict.fromkeys(chain.from_iterable(_NEEDED_BY.values()))
    return [program for program in wanted if shutil.which(program, path=_PLACES) is None]


def missing_for(items: Iterable[pytest.Item]) -> str:
    """Return what to do before these tests can run; nothing where they can."""
    absent = missing()
    needed = {program for item in items for program in _needed_by(item)} if absent else set()
    return "\n".join(_sentence(program) for program in absent if program in needed)


def _needed_by(item: pytest.Item) -> Iterable[str]:
    fixtures = set(getattr(item, "fixturenames", ()))
    imported = vars(getattr(item, "module", object())).values()
    modules = {str(getattr(each, "__module__", "")).rpartition(".")[2] for each in imported}
    for name, programs in _NEEDED_BY.items():
        if name in fixtures | modules:
            yield from programs


def _sentence(program: str) -> str:
    return f"{program} is missing; install it with: sudo {_command([program])}"


def _command(programs: Iterable[str]) -> str:
    packages = " ".join(dict.fromkeys(PACKAGES[program] for program in programs))
    return f"apt-get install --yes --no-install-recommends {packages}"


def _install(programs: Iterable[str]) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update", _command(programs)):
        subprocess.run(command.split(), env=quiet, stdout=subprocess.DEVNULL, check=False)


def main(*programs: str) -> int:
    """Install what is missing where that is possible; returns 1, and says what to run, if something still is."""
    absent = missing(programs)
    if absent and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(absent)
        absent = missing(programs)
    for program in absent:
        sys.stderr.write(f"{_sentence(program)}\n")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
