"""A TCP server on loopback that plays a script, one thread per connection; and clients that know when it is silent.

A client that waits for a server that hangs must time out, and no other wait may end because the machine is slow. So
a server of ours says that it hangs, and sockets made by `dial_scripted` time out as soon as it does; a socket's own
time-out, which tests make long, counts for everything else.
"""

import select
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from tests.support.timing.clocks import SetClock

_Pair = tuple[int, int]
"""A connection: the server's port and the client's."""

_HANGING: set[_Pair] = set()
_HEARD: dict[_Pair, int] = {}
"""How many lines a server had read when it began to wait for the next one, if it writes nothing before that."""
_SAID: Counter[_Pair] = Counter()
"""How many lines a client has sent."""
_RECEIVED: Counter[int] = Counter()
_CLOCKS: dict[_Pair, SetClock] = {}
_LOOK_S = 0.02


class TcpServer:
    """Passes each accepted connection to `serve`; closes what is still open when the test ends."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.stopping = threading.Event()
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]
        _forget(self.port)

    @property
    def bytes_received(self) -> int:
        """How many bytes clients of `dial_scripted` have taken, TLS taken off."""
        return _RECEIVED[self.port]

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
            thread.join()

    def secure(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """Begin TLS on an accepted connection, from the server's side."""
        secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.append(secured)
        secured.do_handshake()
        return secured

    def hang(self, connection: socket.socket) -> None:
        """Write nothing more on this connection until the test ends; the client times out."""
        _HANGING.add(_pair(connection.getsockname(), connection.getpeername()))
        self.stopping.wait()
        raise ConnectionAbortedError

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


def _forget(port: int) -> None:
    """Forget the connections of an earlier server on the same port."""
    _RECEIVED.pop(port, None)
    for known in (_HANGING, _HEARD, _SAID, _CLOCKS):
        for pair in [pair for pair in known if pair[0] == port]:
            known.discard(pair) if isinstance(known, set) else known.pop(pair)


def says_no_more(connection: socket.socket, heard: int) -> None:
    """Let the client know that a server has read this many lines and writes nothing before it reads another."""
    _HEARD[_pair(connection.getsockname(), connection.getpeername())] = heard


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


def dial_scripted(port: int, clock: SetClock) -> Callable[[str, int, float], socket.socket]:
    """Make a `Connect` to a server of this module: while the server is silent, a time-out ends at once.

    What secures the sockets must come from `scripted_context`.
    """

    def connect(host: str, asked_port: int, timeout_s: float) -> socket.socket:
        with socket.create_connection(("127.0.0.1", port), timeout_s) as connected:
            _CLOCKS[_pair(connected.getpeername(), connected.getsockname())] = clock
            client = _Client(fileno=connected.detach())
        client.settimeout(timeout_s)
        return client

    return connect


def scripted_context(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let what a client's context secures behave as the sockets of `dial_scripted`."""
    context.sslsocket_class = _SecureClient
    return context


class _Listening:
    """The reading and writing of a client's socket."""

    def recv(self, *arguments: Any) -> bytes:
        return self._received(super().recv, len, *arguments)  # type: ignore[misc]

    def recv_into(self, *arguments: Any) -> int:
        return self._received(super().recv_into, int, *arguments)  # type: ignore[misc]

    def sendall(self, *arguments: Any) -> None:
        _SAID[self._pair()] += 1
        super().sendall(*arguments)  # type: ignore[misc]

    def _received(self, receive: Callable[..., Any], size_of: Callable[[Any], int], *arguments: Any) -> Any:
        patience_s = self.gettimeout()  # type: ignore[attr-defined]
        looks = 0
        self.settimeout(0)  # type: ignore[attr-defined]
        try:
            while True:
                is_silent = self._is_silent()  # asked first, so that what was said before is received
                with suppress(BlockingIOError, ssl.SSLWantReadError):
                    received = receive(*arguments)
                    if socket.MSG_PEEK not in arguments:
                        _RECEIVED[self._pair()[0]] += size_of(received)
                    return received
                if is_silent:
                    assert patience_s is not None, "this would wait for ever"
                    _CLOCKS[self._pair()].advance(seconds=patience_s)
                    raise TimeoutError("timed out")
                if patience_s is not None and looks * _LOOK_S >= patience_s:
                    raise TimeoutError("timed out")
                looks += not select.select([self], [], [], _LOOK_S)[0]
        finally:
            self.settimeout(patience_s)  # type: ignore[attr-defined]

    def _is_silent(self) -> bool:
        pair = self._pair()
        return pair in _HANGING or _HEARD.get(pair) == _SAID[pair]

    def _pair(self) -> _Pair:
        try:
            return _pair(self.getpeername(), self.getsockname())  # type: ignore[attr-defined]
        except OSError:  # the server has reset the connection
            return (0, 0)


class _Client(_Listening, socket.socket):
    """A client's socket before it is secured."""


class _SecureClient(_Listening, ssl.SSLSocket):
    """A client's socket behind TLS."""


def _pair(server: tuple[str, int], client: tuple[str, int]) -> _Pair:
    return (server[1], client[1])
