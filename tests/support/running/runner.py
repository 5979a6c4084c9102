"""Starts the local runner as its users do, in a process of its own, and asks it the things tests ask."""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.guard import session_members
from tests.support.timing.waiting import PATIENCE_S, eventually

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / ".local"
"""Built layers and interpreter, shared by every test run and by `make run`."""


@dataclass(frozen=True)
class Runner:
    """A running local runner."""

    url: str
    state: Path
    process: "subprocess.Popen[bytes]"

    @cached_property
    def info(self) -> dict[str, Any]:
        """Every address, as /local/info shows them."""
        return self._json("GET", "/local/info")

    @cached_property
    def secrets(self) -> dict[str, str]:
        """The secrets of this state folder, for tests that forge."""
        return json.loads((self.state / "secrets.json").read_text())

    def token(self, email: str = "admin@banxway.local") -> str:
        """A session token for a demo user."""
        return str(self._json("POST", "/local/token", {"email": email})["token"])

    def functions(self) -> dict[str, list[dict[str, Any]]]:
        """The live instances of every function, by logical id."""
        return self._json("GET", "/local/functions")

    def instances(self) -> dict[str, int]:
        """How many instances of functions live, may live and had to end for others, and how many calls wait."""
        return dict(self._json("GET", "/local/info")["instances"])

    def run_timer(self, function: str) -> Any:
        """Run one timer's function now and return what it answered. Raises AssertionError if it failed."""
        answer = self._json("POST", f"/local/timers/{function}")
        assert answer["error"] is None, answer["error"]
        return answer["result"]

    @contextmanager
    def paused(self, queue: str) -> Iterator[Callable[[], None]]:
        """Keep a queue's workers from seeing what is sent, until the yielded function is called."""

        def resume() -> None:
            self._json("POST", f"/local/queues/{queue}/resume")

        self._json("POST", f"/local/queues/{queue}/pause")
        try:
            yield resume
        finally:
            resume()

    @contextmanager
    def timeout(self, function: str, seconds: int) -> Iterator[None]:
        """Let the runtime stop a function that takes longer than this, for a while."""
        changed = self._json("PATCH", f"/local/functions/{function}", {"timeout_s": seconds})
        try:
            yield
        finally:
            former = {"timeout_s": changed["former_timeout_s"]}
            self._json("PATCH", f"/local/functions/{function}", former)

    def stop_database(self) -> None:
        """Stop PostgreSQL, everything else running on."""
        self._json("POST", "/local/database/stop")

    def start_database(self) -> None:
        """Start PostgreSQL again, on the same port."""
        self._json("POST", "/local/database/start")

    def log_tail(self, lines: int = 40) -> str:
        """The end of every log, for messages of failed tests."""
        logs = [self.state / "runner.log", *sorted((self.state / "logs").glob("*.log"))]
        tails = [(log, log.read_text(errors="replace").splitlines()[-lines:]) for log in logs if log.exists()]
        return "\n".join(f"── {log.name}\n" + "\n".join(tail) for log, tail in tails if tail)

    def descendants(self) -> list[psutil.Process]:
        """Every process that the runner started and that lives."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def _json(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                return json.load(response)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return json.load(refusal)


@contextmanager
def start_runner(
    state: Path,
    *,
    template: Path | None = None,
    bundle: Path = BUNDLE,
    sandbox: bool = True,
    timers: bool = True,
    console: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Runner]:
    """Run the bundle on a free port and stop it again; fails if it left any process behind.

    Without `timers` each starts only by `run_timer`, so that none comes between two steps of a test.
    """
    _make_state_folder(state)
    options = ["--port", 0, "--state", state, "--bundle", bundle]
    options += [] if console else ["--no-console"]
    options += ["--template", template] if template else []
    options += [] if timers else ["--no-timers"]
    with (state / "runner.log").open("ab") as log:
        log.seek(0, os.SEEK_END)
        begins_at = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "local", *(str(option) for option in options)],
            cwd=ROOT,
            env={**os.environ, "SANDBOX": "1" if sandbox else "0", **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    runner = Runner("", state, process)
    try:
        runner = _ready(runner, begins_at)
        yield runner
    finally:
        stop_runner(runner)


def _make_state_folder(state: Path) -> None:
    """Make the folder; for root a link to one outside pytest's, which the next pytest closes to other users.

    PostgreSQL runs as a user of its own then, and must be able to walk to its data.
    """
    if os.geteuid() != 0 or state.is_symlink() or (state.exists() and any(state.iterdir())):
        state.mkdir(parents=True, exist_ok=True)
        return
    real = tempfile.mkdtemp(prefix="banxway-state-")
    atexit.register(shutil.rmtree, real, ignore_errors=True)
    if state.exists():
        state.rmdir()
    state.parent.mkdir(parents=True, exist_ok=True)
    state.symlink_to(real)


def stop_runner(runner: Runner) -> None:
    """Stop a runner as Ctrl-C does. Raises AssertionError if it, or anything it started, lives on."""
    started = [] if runner.process.poll() is not None else runner.descendants()
    if runner.process.poll() is None:
        runner.process.send_signal(signal.SIGTERM)
    try:
        runner.process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        runner.process.kill()
        raise AssertionError(f"the runner did not stop\n{runner.log_tail()}") from None
    # What it killed at last is gone in a moment, and not always before the runner is.
    eventually(lambda: not any(session_members(each.pid) for each in started))


def _ready(runner: Runner, begins_at: int) -> Runner:
    """Wait until a runner says where it listens, in what it has written since it was started, and answers there."""

    def address() -> str | None:
        assert runner.process.poll() is None, f"the runner ended\n{runner.log_tail()}"
        with (runner.state / "runner.log").open("rb") as log:
            log.seek(begins_at)
            ready = re.search(rb"^Ready at (http://\S+),", log.read(), re.MULTILINE)
        return ready[1].decode() if ready and _status(f"{ready[1].decode()}/health") == 200 else None

    try:
        return replace(runner, url=eventually(address))
    except pytest.fail.Exception:
        raise AssertionError(f"the runner is not ready\n{runner.log_tail()}") from None


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code
    except OSError:
        return 0
