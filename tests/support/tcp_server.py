"""A TCP server on loopback that plays a script, one thread per connection."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self


class TcpServer:
    """Hands each accepted connection to `serve`; closes what is left open when the test ends."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.stopping = threading.Event()
        self.connections = 0

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def secure(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """Begin TLS on an accepted connection, from the server's side."""
        secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.append(secured)
        secured.do_handshake()
        return secured

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                # Scripts answer in several small writes, which would wait for each other's acknowledgement.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                self._open.append(connection)
                self._start(lambda connection=connection: self._serve_quietly(connection))

    def _serve_quietly(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            self._serve(connection)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()


def reset(connection: socket.socket) -> None:
    """Close with a reset instead of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    plain = connection.detach() if isinstance(connection, ssl.SSLSocket) else None
    if plain is not None:
        connection = socket.socket(fileno=plain)
    connection.close()


def refused_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def dial_loopback(port: int) -> Callable[[str, int, float], socket.socket]:
    """Make a `Connect` that reaches a test server, whatever host and port are asked for."""

    def connect(host: str, asked_port: int, timeout_s: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout_s)

    return connect
