"""PostgreSQL's protocol, as far as tests that stand between a client and a server need it.

socket_of · over_tcp     where an embedded server listens, and its address through a relay or pooler
claim_server_version     a relay's rewrite that makes a server report another release
TransactionPooler        hands each transaction to a random backend, as PgBouncer's transaction mode may
"""

import contextlib
import random
import re
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.support.databases.relay import dial
from tests.support.timing.waiting import PATIENCE_S

_SSL_REQUEST, _GSS_REQUEST, _CANCEL_REQUEST = 80877103, 80877104, 80877102
_PROTOCOL_3 = 196608


def socket_of(url: str) -> Path:
    """Return the unix socket that an embedded server's address names."""
    return Path(parse_qs(urlsplit(url).query)["host"][0]) / ".s.PGSQL.5432"


def over_tcp(url: str, port: int) -> str:
    """Return the same address by way of a port on loopback."""
    parts = urlsplit(url)
    return f"postgresql://{parts.username}:secret@127.0.0.1:{port}{parts.path}?sslmode=disable&gssencmode=disable"


def claim_server_version(version: str) -> Callable[[bytes], bytes]:
    """Make a rewrite that changes what the server says at start-up (ParameterStatus server_version)."""
    name = b"server_version\0"
    content = name + version.encode() + b"\0"
    message = b"S" + struct.pack(">I", len(content) + 4) + content
    pattern = re.compile(rb"S...." + name + rb"[^\0]*\0", re.DOTALL)
    return lambda chunk: pattern.sub(lambda _: message, chunk)


class TransactionPooler:
    """A pooler over a few server connections; each transaction of each client gets any free one at random.

    Backends are never reset in between, as PgBouncer does not in transaction mode (server_reset_query applies
    to session mode only), so that whatever a transaction leaves behind is there for the next client.
    """

    def __init__(self, url: str, *, backends: int = 4, seed: int = 1) -> None:
        parts = urlsplit(url)
        self._random = random.Random(seed)
        self._startup = _startup_message(user=str(parts.username), database=parts.path.lstrip("/"))
        self._free: list[_Wire] = []
        self._changed = threading.Condition()
        self._greeting = b""
        for _ in range(backends):
            self._free.append(self._open_backend(socket_of(url)))
        self._all = list(self._free)
        self._clients: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.transactions = 0
        self.moves = 0
        """How often a client's transaction ran on another backend than its last."""

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for client in self._clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=PATIENCE_S)
        for one in (*self._clients, *(backend.socket for backend in self._all)):
            one.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _open_backend(self, path: Path) -> "_Wire":
        backend = _Wire(dial(path))
        backend.socket.sendall(self._startup)
        greeting = b""
        while True:
            kind, message = backend.read()
            greeting += message
            if kind == b"E":
                raise ConnectionRefusedError(message)
            if kind == b"Z":
                self._greeting = greeting
                return backend

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._clients.append(client)
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        wire = _Wire(client)
        with contextlib.suppress(OSError, EOFError):
            if self._greet(wire):
                self._pool(wire)
            # What libpq takes for a closed connection; the socket itself is closed at the end.
            client.shutdown(socket.SHUT_RDWR)

    def _greet(self, client: "_Wire") -> bool:
        while True:
            code = struct.unpack(">I", client.read_untyped()[4:8])[0]
            if code in (_SSL_REQUEST, _GSS_REQUEST):
                client.socket.sendall(b"N")
                continue
            if code == _PROTOCOL_3:
                client.socket.sendall(self._greeting)
            return code == _PROTOCOL_3

    def _pool(self, client: "_Wire") -> None:
        """Serve one client until it leaves: transaction by transaction."""
        backend: _Wire | None = None
        last: _Wire | None = None
        try:
            while True:
                kind, message = client.read()
                if kind == b"X":
                    return
                if backend is None:
                    backend = self._take()
                    self.transactions += 1
                    self.moves += last not in (None, backend)
                    last = backend
                backend.socket.sendall(message)
                if kind in b"QS" and backend.answer_to(client.socket) == b"I":
                    self._give_back(backend)
                    backend = None
        finally:
            if backend is not None:
                # The client vanished inside a transaction: such a backend is not used again.
                backend.socket.close()

    def _take(self) -> "_Wire":
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self._free), timeout=PATIENCE_S), (
                "no backend became free"
            )
            return self._free.pop(self._random.randrange(len(self._free)))

    def _give_back(self, backend: "_Wire") -> None:
        with self._changed:
            self._free.append(backend)
            self._changed.notify()


class _Wire:
    """One connection, read message by message: a type byte, then a length that counts itself."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._buffer = b""

    def read(self) -> tuple[bytes, bytes]:
        """Return the type of the next message, and all of it."""
        self._fill(5)
        message = self._cut(1 + struct.unpack(">I", self._buffer[1:5])[0])
        return message[:1], message

    def read_untyped(self) -> bytes:
        """Return the next message of the start-up, which has no type."""
        self._fill(4)
        return self._cut(struct.unpack(">I", self._buffer[:4])[0])

    def answer_to(self, client: socket.socket) -> bytes:
        """Pass messages on up to ReadyForQuery; returns its status: I idle, T in a transaction, E failed."""
        answer = b""
        while True:
            kind, message = self.read()
            answer += message
            if kind == b"Z":
                client.sendall(answer)
                return message[5:6]

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            chunk = self.socket.recv(65_536)
            if not chunk:
                raise EOFError
            self._buffer += chunk

    def _cut(self, size: int) -> bytes:
        self._fill(size)
        message, self._buffer = self._buffer[:size], self._buffer[size:]
        return message


def _startup_message(**parameters: str) -> bytes:
    pairs = b"".join(f"{name}\0{value}\0".encode() for name, value in parameters.items())
    content = struct.pack(">I", _PROTOCOL_3) + pairs + b"\0"
    return struct.pack(">I", len(content) + 4) + content
