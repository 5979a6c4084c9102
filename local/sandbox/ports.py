"""Loopback ports that stay the same at every start, because saved settings name them."""

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

from local.ports import free_ports
from local.refusal import CannotStart

_NAP_S = 0.2


class Ports:
    """Listening sockets by name; the port numbers are stored in a file and never change.

    A taken port is waited for, since another program's connection may use it for a moment.
    """

    def __init__(
        self, file: Path, *, patience_s: float = 10.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._file = file
        self._naps = int(patience_s / _NAP_S)
        self._sleep = sleep
        self._numbers = _read(file)

    def listen(self, name: str) -> socket.socket:
        """Return a socket on the port that this name had before, or on a free one at the first start.

        Raises CannotStart if another program has that port.
        """
        if name not in self._numbers:
            return self._listen_on_new(name)
        for naps_left in range(self._naps, -1, -1):
            try:
                return _bound(self._numbers[name])
            except OSError as error:
                if not naps_left:
                    raise CannotStart(self._taken(name)) from error
            self._sleep(_NAP_S)
        raise AssertionError("unreachable")

    def _listen_on_new(self, name: str) -> socket.socket:
        (number,) = free_ports(1)
        listening = _bound(number)
        self._numbers[name] = number
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(self._numbers))
        draft.replace(self._file)
        return listening

    def _taken(self, name: str) -> str:
        return (
            f"port {self._numbers[name]} ({name}) of this state's sandbox is taken, and saved settings name it:"
            " stop the program that has it (a runner on a copy of this state?), or delete"
            f" {self._file} to get other ports and save the settings again"
        )


def _read(file: Path) -> dict[str, int]:
    if not file.exists():
        return {}
    try:
        return {str(name): int(number) for name, number in json.loads(file.read_text()).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise CannotStart(f"{file} cannot be read ({error}): delete it to get other ports") from error


def _bound(port: int) -> socket.socket:
    # The protocol is named, or asyncio leaves Nagle's algorithm on and every answer in two parts takes 40 ms longer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening
