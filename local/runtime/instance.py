"""One warm copy of one function: an emulator, its Python process, and at most one call at a time."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import psutil

from local.ports import listens_on
from local.runtime.connection import Connection
from local.runtime.invocation import Invocation, lost, read_answer
from local.runtime.launcher import Launcher
from local.template import Function

START_PATIENCE_S = 60.0
_GRACE_S = 10.0  # the emulator enforces the function's timeout; this is for an emulator that hangs


class Instance:
    """One copy of a function. The pool gives it one call at a time: a second one crashes the emulator."""

    def __init__(self, function: Function, launcher: Launcher, *, generation: int) -> None:
        self.function = function
        self.generation = generation
        self.background = False
        self.busy = True
        self.invocations = 0
        self._python_pid: int | None = None
        self.started_at = datetime.now(UTC)
        self.idle_since = 0.0  # by the pool's clock
        self._launcher = launcher
        self._connection: Connection | None = None
        self._emulator = launcher.start(function)

    async def ready(self) -> bool:
        """Wait until the emulator listens and return True; False if it ended instead (one of its ports was taken)."""
        deadline = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < deadline and self.alive:
            try:
                connection = await Connection.open(self._emulator.port)
            except OSError:
                await asyncio.sleep(0.003)
                continue
            if self._is_listening():
                self._connection = connection
                return True
            connection.close()
            await asyncio.sleep(0.01)
        return False

    def _is_listening(self) -> bool:
        """Return whether this very emulator listens on both of its ports: another process may have taken one."""
        ports = {self._emulator.port, self._emulator.runtime_port}
        return listens_on(self._emulator.process.pid, ports)

    @property
    def alive(self) -> bool:
        """Return whether the emulator still runs and, once it has answered a call, the function's own process."""
        has_python = self._python_pid is None or psutil.pid_exists(self._python_pid)
        return self._emulator.process.poll() is None and has_python

    @property
    def is_starting(self) -> bool:
        """Return whether it has not answered any call yet: it will need most of its memory later."""
        return self._python_pid is None

    async def invoke(self, payload: bytes) -> Invocation:
        """Run one invocation. Whatever happens to the process is returned as an error, never raised."""
        if self._connection is None:
            return lost("Runtime.ExitError", "the instance was never ready")
        self.invocations += 1
        try:
            async with asyncio.timeout(self.function.timeout_s + _GRACE_S):
                status, body = await self._connection.invoke(payload)
        except TimeoutError:
            return lost("Sandbox.Timedout", f"no answer {_GRACE_S:.0f} s after the function's timeout")
        except (OSError, EOFError):
            return lost("Runtime.ExitError", "Runtime exited with error: signal: killed")
        self._python_pid = self._python_pid or _child_of(self._emulator.process.pid)
        return read_answer(status, body)

    def stop(self) -> None:
        """Ask the processes to end; `bury` must follow."""
        if self._connection:
            self._connection.close()
        self._launcher.stop_soon(self._emulator.process)

    def bury(self) -> None:
        """Kill whatever is left of the emulator and its function."""
        self._launcher.bury(self._emulator.process)

    def description(self) -> dict[str, Any]:
        """Return what `/local/functions` shows of this instance."""
        return {
            "pid": self._emulator.process.pid,
            "python_pid": _child_of(self._emulator.process.pid),
            "busy": self.busy,
            "started_at": self.started_at.isoformat(),
            "invocations": self.invocations,
        }


def encoded(event: Any) -> bytes:
    """Write an event as the bytes that a function receives."""
    return json.dumps(event, separators=(",", ":")).encode()


def _child_of(pid: int) -> int | None:
    """Return the function's own process; there is none before the first call and right after a crash."""
    try:
        children = psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return None
    return children[0].pid if children else None
