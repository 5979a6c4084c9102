"""Why a start cannot work: one sentence that names the place and what helps, never a traceback."""

import errno
import json
import os
import runpy
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import refusal, servers, space
from local.build_steps import BuildSteps
from local.children import Children
from local.install import reason
from local.postgres_errors import cause_in, in_one_sentence
from local.refusal import CannotStart, full_disk, sentence
from local.servers import claim
from local.state import State
from tests.support.running.runner import ROOT
from tests.support.timing.waiting import PATIENCE_S


def refused(*options: object) -> str:
    """Start the runner with these options and return what it says; fails if it starts or says more than a line."""
    command = [sys.executable, "-m", "local", "--no-console", *map(str, options)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env={**os.environ, "SANDBOX": "0"},
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("local runner: ")
    return line.removeprefix("local runner: ")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--port", 65_536, "port 65536 does not exist: choose one from 1 to 65535 with PORT=…"),
        ("--port", -1, "port -1 does not exist: choose one from 1 to 65535 with PORT=…"),
        ("--port", "web", "argument --port: invalid int value: 'web'"),
        ("--instances", 0, "--instances must be at least 1"),
    ],
)
def test_an_option_that_cannot_be_is_refused_and_leaves_nothing_behind(
    tmp_path: Path, option: str, value: object, said: str
) -> None:
    assert refused("--state", tmp_path / "state", option, value) == said
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        said = refused("--state", tmp_path / "state", "--port", port)

    assert said == f"port {port} is taken by another program: choose another with PORT=…"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "deeper"], ids=["itself", "a parent"])
def test_a_state_folder_that_is_a_file_is_refused(tmp_path: Path, below: str) -> None:
    file = tmp_path / "state"
    file.write_text("mine")

    said = refused("--port", 0, "--state", file / below)

    assert said == f"{file / below} cannot be the state folder, since a file is in the way"
    assert file.read_text() == "mine"


def test_secrets_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    state = State(tmp_path)
    for content in ("", "{", json.dumps({"jwt_secret": "x"}), "[]"):
        (tmp_path / "secrets.json").write_text(content)

        with pytest.raises(CannotStart, match=r"secrets\.json cannot be read"):
            state.secrets()


def test_a_full_disk_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: SimpleNamespace(free=3_000_000))

    with pytest.raises(
        CannotStart, match=r"^the disk is full: 3 MB are free for .*, at least 50 MB are needed$"
    ):
        State(tmp_path).lock()


def test_room_is_looked_for_where_the_folder_will_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(
        space.shutil, "disk_usage", lambda folder: asked.append(folder) or SimpleNamespace(free=10**9)
    )

    assert full_disk(tmp_path / "not" / "yet") is None
    assert asked == [tmp_path]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EADDRINUSE, "is taken by another program: choose another with PORT=…"),
        (errno.EACCES, "is reserved for the system: choose one from 1024 on with PORT=…"),
        (errno.EADDRNOTAVAIL, "cannot be used: Cannot assign requested address"),
    ],
)
def test_only_a_port_with_a_listener_is_called_taken(
    monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    class Refusing(socket.socket):
        def bind(self, _address: object) -> None:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(servers.socket, "socket", Refusing)

    with pytest.raises(CannotStart) as refusal_of_port:
        claim(80)

    assert str(refusal_of_port.value) == f"port 80 {said}"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "/data/x: the disk is full; make room and start again"),
        (errno.EDQUOT, "/data/x: the disk is full; make room and start again"),
        (errno.EROFS, "/data/x: this folder is read-only; name a folder that can be written with STATE=…"),
        (errno.EACCES, "/data/x: permission denied; name a folder of your own with STATE=…"),
        (errno.ENAMETOOLONG, "/data/x: File name too long"),
    ],
)
def test_an_error_of_the_file_system_names_the_file_and_the_cause(number: int, said: str) -> None:
    assert sentence(OSError(number, os.strerror(number), "/data/x")) == said


def test_another_users_folder_is_said_to_be_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = refusal.pwd.getpwuid(tmp_path.stat().st_uid).pw_name
    monkeypatch.setattr(refusal.os, "geteuid", lambda: 12_345)

    said = sentence(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "secrets.json")))

    assert f"permission denied ({tmp_path} belongs to {owner})" in said


def test_a_database_file_that_does_not_fit_is_a_full_disk(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "queues.db", isolation_level=None)
    database.execute("PRAGMA max_page_count = 1")

    with pytest.raises(sqlite3.Error) as full:
        database.execute("CREATE TABLE messages (id INTEGER)")

    assert sentence(full.value) == "the disk is full; make room and start again"
    database.close()


@pytest.mark.parametrize(
    ("version", "is_refused"),
    [((3, 10), True), ((3, 11), False), ((3, 13), False), ((3, 14), True), ((2, 7), True)],
)
def test_an_unsupported_python_learns_which_is_needed(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], is_refused: bool
) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 0))

    said = runpy.run_path(str(ROOT / "local" / "versions.py"))["TROUBLE"]

    assert bool(said) == is_refused
    if said:
        needed = f"Python 3.11 to 3.13 is needed, and this is {version[0]}.{version[1]}: "
        assert said == f"{needed}name another with PYTHON=/path/to/python3"


NO_NETWORK = """WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(
Temporary failure in name resolution')': /simple/boto3/
ERROR: Could not find a version that satisfies the requirement boto3==1.43.46 (from versions: none)
ERROR: No matching distribution found for boto3==1.43.46
"""
NO_ROOM = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
NO_VENV = """The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv package.
"""


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (NO_NETWORK, "there is no connection to the package index, and the packages are not installed yet"),
        (NO_ROOM, "the disk is full; make room and start again"),
        (NO_VENV, "this Python cannot create virtual environments; on Debian install python3-venv"),
        ("one\nERROR: Hashes do not match\nmore\n", "ERROR: Hashes do not match"),
        ("strange\nlast words\n", "last words"),
        ("", "the installing program ended without a message"),
    ],
    ids=["no network", "no room", "no venv", "an error", "words", "silence"],
)
def test_why_packages_cannot_be_installed_is_one_sentence(output: str, said: str) -> None:
    assert reason(output) == said


@pytest.mark.parametrize("disk_is_full", [False, True], ids=["said in the log", "log cut off"])
def test_a_build_step_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk_is_full: bool
) -> None:
    log = tmp_path / "build.log"
    log.write_text("ERROR: of the day before\n")
    if disk_is_full:
        monkeypatch.setattr(space.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    children = Children()
    failing = f"import sys; sys.stderr.write({NO_NETWORK!r}); sys.exit(1)"

    with pytest.raises(CannotStart) as why:
        BuildSteps(children, log)([sys.executable, "-c", failing])
    children.stop_all()

    expected = "the disk is full: 0 MB are free" if disk_is_full else "there is no connection to the package"
    assert str(why.value).startswith(f"the functions' packages cannot be installed: {expected}")


INITDB = """running script ... 08:00 [7] FATAL:  could not write to file "base/1/2": No space left on device
child process exited with exit code 1
initdb: removing contents of data directory "/state/postgres.new"
"""


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        (INITDB, 'could not write to file "base/1/2": No space left on device'),
        (
            "LOG:  starting\nFATAL:  data directory has wrong ownership\nHINT:  ask\n",
            "data directory has wrong ownership",
        ),
        ("initdb: error: invalid locale settings\n", "invalid locale settings"),
        ("only this\n", "only this"),
        ("", "it gives no reason"),
    ],
    ids=["full disk", "wrong owner", "initdb", "words", "silence"],
)
def test_the_cause_is_found_in_what_postgres_says(output: str, cause: str) -> None:
    assert cause_in(output) == cause


def test_a_cluster_that_cannot_be_made_is_explained_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CannotStart, match="cannot be made: disk on fire"), in_one_sentence():
        raise subprocess.CalledProcessError(1, ["postgres"], stderr=b"FATAL:  disk on fire\n")

    assert capsys.readouterr() == ("", "")
