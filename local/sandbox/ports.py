"""Loopback ports that stay the same from start to start, because they are typed into settings."""

import json
import socket
from pathlib import Path


class Ports:
    """Listening sockets by name; the port numbers are remembered in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._numbers: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}

    def listen(self, name: str) -> socket.socket:
        """Return a socket on the port this name had before, or on a free one if that is taken."""
        listening = _bound(self._numbers.get(name, 0))
        self._numbers[name] = listening.getsockname()[1]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._numbers))
        return listening


def _bound(port: int) -> socket.socket:
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer in two parts takes 40 ms longer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError:
        listening.bind(("127.0.0.1", 0))
    listening.listen(1024)
    return listening
