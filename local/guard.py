"""Ends the runner's children when the runner dies before it can do so itself.

Runs as a process of its own and reads from standard input which children live ("+ <pid> <signal>") and which
are gone ("- <pid>"). When the input ends while children remain, the runner has crashed: each child gets its
signal, and what is left of its session a few seconds later is killed.
"""

import os
import signal
import sys
import time

import psutil

PATIENCE_S = 5.0


def kill_session(leader: int) -> None:
    """Kill every process of the session that `leader` opened, whether or not the leader still lives."""
    for pid in session_members(leader):
        _signal(pid, signal.SIGKILL)


def session_members(leader: int) -> list[int]:
    """Return the pids of a session, zombies left out."""
    return [pid for pid in psutil.pids() if _session_of(pid) == leader and not _is_zombie(pid)]


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _read_children() -> dict[int, int]:
    children: dict[int, int] = {}
    for line in sys.stdin:
        word, *numbers = line.split()
        if word == "+":
            children[int(numbers[0])] = int(numbers[1])
        else:
            children.pop(int(numbers[0]), None)
    return children


def main() -> None:
    """Wait for the runner's end, then end what it left behind."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    children = _read_children()
    for pid, number in children.items():
        _signal(pid, number)
    deadline = time.monotonic() + PATIENCE_S
    while children and time.monotonic() < deadline:
        time.sleep(0.05)
        children = {pid: number for pid, number in children.items() if session_members(pid)}
    for pid in children:
        kill_session(pid)


if __name__ == "__main__":
    main()
