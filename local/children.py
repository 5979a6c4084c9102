"""Starts and ends the runner's processes, each leading a session of its own."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.guard import kill_session


class Children:
    """The runner's child processes. Whatever ends the runner, its guard ends them too."""

    def __init__(self) -> None:
        self._guard_lock = threading.Lock()
        self._living: dict[int, tuple[subprocess.Popen[bytes], int]] = {}
        guard = Path(__file__).with_name("guard.py")
        self._guard = subprocess.Popen(
            [sys.executable, str(guard)], stdin=subprocess.PIPE, start_new_session=True, text=True
        )

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        stop_signal: int = signal.SIGTERM,
        **options: Any,
    ) -> "subprocess.Popen[bytes]":
        """Start a process. Its output is appended to `log`; `stop_signal` asks it to end."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
        self._living[child.pid] = (child, stop_signal)
        self._write_to_guard(f"+ {child.pid} {stop_signal}")
        return child

    def ask_to_stop(self, child: "subprocess.Popen[bytes]") -> None:
        """Send a child its signal and return at once; `bury` must follow."""
        if child.poll() is None:
            child.send_signal(self._living[child.pid][1])

    def bury(self, child: "subprocess.Popen[bytes]") -> None:
        """Kill what is left of a child and of its session, and forget it. Safe to repeat."""
        if child.pid not in self._living:
            return
        del self._living[child.pid]
        kill_session(child.pid)
        child.wait()
        self._write_to_guard(f"- {child.pid}")

    def stop(self, child: "subprocess.Popen[bytes]", *, patience_s: float = 10.0) -> None:
        """Ask one child to stop, kill it after `patience_s`, and return when it is gone."""
        self.ask_to_stop(child)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience_s)
        self.bury(child)

    def stop_all(self, *, patience_s: float = 5.0) -> None:
        """Stop every child at once, and the guard last."""
        children = [child for child, _ in self._living.values()]
        for child in children:
            self.ask_to_stop(child)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and any(child.poll() is None for child in children):
            time.sleep(0.01)
        for child in children:
            self.bury(child)
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()

    def _write_to_guard(self, line: str) -> None:
        try:
            # Two threads may start children at the same time.
            with self._guard_lock:
                if self._guard.stdin:
                    self._guard.stdin.write(line + "\n")
                    self._guard.stdin.flush()
        except BrokenPipeError:
            return  # somebody killed the guard: the children's ordinary stop still works
