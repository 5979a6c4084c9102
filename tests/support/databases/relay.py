"""A TCP relay of our own, in front of any server, to disturb the connection to it on purpose.

It listens on a free loopback port and passes bytes on to a TCP address or a unix socket, both directions in
threads of their own. `to_server` and `to_client` say what happens to each direction, and may be changed while
connections are open:

    delay_s · black hole · cut after n bytes · half close after n bytes · rewrite · lose the answer to …

The relay knows no protocol. `refuse` ends listening and `accept` begins it again; `cut_all` resets what is open.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from banxway.clock import SYSTEM_CLOCK, Clock
from tests.support.timing.waiting import PATIENCE_S

Target = str | Path | tuple[str, int]
"""Where to pass bytes on to: (host, port), or the path of a unix socket."""

_CHUNK = 65_536
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass
class Direction:
    """What happens to the bytes of one direction; counts are per connection unless they say otherwise."""

    delay_s: float = 0.0
    is_black_hole: bool = False
    cut_after: int | None = None
    half_close_after: int | None = None
    rewrite: Callable[[bytes], bytes] | None = None
    watch: Callable[[bytes], None] | None = None
    passed: int = 0
    """Bytes that came through, of all connections."""
    chunks: int = 0
    """Pieces that came through; where both sides take turns, each is one request or one answer."""


class Relay:
    """A relay to one target; a context manager that closes everything it opened."""

    def __init__(self, target: Target, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._target = target
        self._clock = clock
        self.to_server, self.to_client = Direction(), Direction()
        self.accepted = 0
        self.lost_answers = 0
        self._lose: tuple[bytes, int] | None = None
        self._lock = threading.Lock()
        self._open: set[_Connection] = set()
        self._threads: list[threading.Thread] = []
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept, self._listener)
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()
        self.cut_all()
        for thread in self._threads:
            thread.join(timeout=PATIENCE_S)

    def refuse(self) -> None:
        """Refuse every new connection from now on; open ones stay."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def accept(self) -> None:
        """Take new connections again, on the same port."""
        self._listener = self._listen(self.port)
        self._start(self._accept, self._listener)

    def cut_all(self) -> None:
        """Reset every open connection, on both sides."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            connection.cut()

    def lose_answer_to(self, request: bytes, *, times: int = 1) -> None:
        """Pass a request that contains these bytes on, and cut the connection when its answer arrives.

        So the server has done what was asked, and the client cannot know. `times` is how many answers are lost.
        """
        with self._lock:
            self._lose = (request, times)

    def cut_at_request(self, number: int) -> None:
        """Cut the connection instead of passing on the n-th piece that a client sends from now on (1 is next)."""
        left = number

        def count(_: bytes) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                self.to_server.watch = None
                raise ConnectionAbortedError

        self.to_server.watch = count

    def heal(self) -> None:
        """Pass everything on unchanged again; what was cut stays cut."""
        with self._lock:
            self._lose = None
        for direction in (self.to_server, self.to_client):
            fresh = Direction(passed=direction.passed, chunks=direction.chunks)
            direction.__dict__.update(fresh.__dict__)

    def _listen(self, port: int) -> socket.socket:
        return socket.create_server(("127.0.0.1", port))

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.accepted += 1
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        try:
            server = dial(self._target)
        except OSError:
            _reset(client)
            client.close()
            return
        connection = _Connection(client, server, self._clock)
        with self._lock:
            self._open.add(connection)
        self._start(self._pump_to_server, connection)
        self._start(self._pump_to_client, connection)

    def _pump_to_server(self, connection: "_Connection") -> None:
        with self._ending(connection):
            for chunk in connection.chunks(connection.client, connection.server, self.to_server):
                if self._is_answer_to_be_lost(chunk):
                    connection.loses_next_answer = True
                connection.server.sendall(chunk)

    def _pump_to_client(self, connection: "_Connection") -> None:
        with self._ending(connection):
            for chunk in connection.chunks(connection.server, connection.client, self.to_client):
                if connection.loses_next_answer:
                    self.lost_answers += 1
                    raise ConnectionAbortedError
                connection.client.sendall(chunk)

    def _is_answer_to_be_lost(self, chunk: bytes) -> bool:
        with self._lock:
            if self._lose is None or self._lose[0] not in chunk:
                return False
            request, times = self._lose
            self._lose = (request, times - 1) if times > 1 else None
            return True

    @contextlib.contextmanager
    def _ending(self, connection: "_Connection") -> Iterator[None]:
        """Cut both sides on any failure; forget the connection once it is over."""
        try:
            yield
        except OSError:
            connection.cut()
        if connection.pump_ended():
            with self._lock:
                self._open.discard(connection)


class _Connection:
    def __init__(self, client: socket.socket, server: socket.socket, clock: Clock) -> None:
        self.client, self.server = client, server
        self._clock = clock
        self.loses_next_answer = False
        self._pumps = 2
        self._lock = threading.Lock()

    def chunks(self, source: socket.socket, sink: socket.socket, direction: Direction) -> Iterator[bytes]:
        """Yield what is to be passed on, after everything that the direction does to it."""
        seen = 0
        while chunk := source.recv(_CHUNK):
            if direction.watch:
                direction.watch(chunk)
            if direction.is_black_hole:
                continue
            if direction.delay_s:
                self._clock.sleep(direction.delay_s)
            if direction.rewrite:
                chunk = direction.rewrite(chunk)
            limits = [
                limit for limit in (direction.cut_after, direction.half_close_after) if limit is not None
            ]
            room = min(limits) - seen if limits else len(chunk)
            seen += len(chunk[:room])
            direction.passed += len(chunk[:room])
            direction.chunks += 1
            if chunk[:room]:
                yield chunk[:room]
            if room < len(chunk):
                if direction.cut_after is not None and seen >= direction.cut_after:
                    raise ConnectionAbortedError
                break
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Reset both sides, so that neither mistakes it for an orderly end."""
        for one in (self.client, self.server):
            _reset(one)

    def pump_ended(self) -> bool:
        """Record that one direction is over; closes both sides and returns True when both are."""
        with self._lock:
            self._pumps -= 1
            is_over = self._pumps == 0
        if is_over:
            self.client.close()
            self.server.close()
        return is_over


def dial(target: Target) -> socket.socket:
    """Connect to a TCP address or a unix socket."""
    if isinstance(target, tuple):
        return socket.create_connection(target, timeout=None)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(target))
    except OSError:
        connection.close()
        raise
    return connection


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        # A thread that waits in recv is woken by this, and not by close.
        connection.shutdown(socket.SHUT_RDWR)
