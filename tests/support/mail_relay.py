"""A relay before a mail server that makes the way to it long, breaks lines in pieces and cuts it off.

    with MailRelay(dovecot.plain_port, tls=authority.server_context(HOST), delay_s=0.075, piece_bytes=3) as relay: …

With `tls` it ends TLS itself and speaks in the clear to the server, so that pieces are pieces of lines: what a relay
breaks outside of TLS is whole again before a client sees it. Without, it passes on what comes, encrypted or not.
A delay is the way's length, not its width: what follows close behind arrives close behind.
"""

import select
import socket
import ssl
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from tests.support.tcp_server import TcpServer, reset

_CHUNK = 65_536


@dataclass
class _Way:
    """What is under way in one direction, by the time it arrives."""

    source: socket.socket
    sink: socket.socket
    is_to_client: bool
    under_way: deque[tuple[float, bytes]] = field(default_factory=deque)
    has_ended: bool = False


class MailRelay(TcpServer):
    """A context manager. `cuts` are taken one by one: after how many bytes to the client a connection is reset."""

    def __init__(
        self,
        target_port: int,
        *,
        tls: ssl.SSLContext | None = None,
        delay_s: float = 0.0,
        piece_bytes: int | None = None,
        cuts: tuple[int, ...] = (),
    ) -> None:
        super().__init__(self._pass_on)
        self._target_port, self._tls = target_port, tls
        self.delay_s, self.piece_bytes = delay_s, piece_bytes
        self.cuts = deque(cuts)
        self.bytes_to_client = 0
        """Of all connections."""

    def _pass_on(self, client: socket.socket) -> None:
        if self._tls is not None:
            client = self.secure(client, self._tls)
        with socket.create_connection(("127.0.0.1", self._target_port), 10) as server:
            cut_after = self.cuts.popleft() if self.cuts else None
            try:
                self._carry(client, server, cut_after)
            except ConnectionAbortedError:
                reset(client)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _carry(self, client: socket.socket, server: socket.socket, cut_after: int | None) -> None:
        ways = [_Way(client, server, is_to_client=False), _Way(server, client, is_to_client=True)]
        left = cut_after
        while not self.stopping.is_set() and not all(way.has_ended and not way.under_way for way in ways):
            self._take_up([way for way in ways if not way.has_ended], ways)
            for way in ways:
                while way.under_way and way.under_way[0][0] <= time.monotonic():
                    chunk = way.under_way.popleft()[1]
                    left = self._deliver(way, chunk, left)
            if any(way.has_ended and not way.under_way for way in ways):
                return  # neither protocol goes on after one side is done

    def _take_up(self, open_ways: list[_Way], ways: list[_Way]) -> None:
        """Wait for bytes, or until some that are under way arrive."""
        due = min((way.under_way[0][0] for way in ways if way.under_way), default=time.monotonic() + 0.2)
        buffered = [way.source for way in open_ways if isinstance(way.source, ssl.SSLSocket)]
        ready = [source for source in buffered if source.pending()]
        if not ready:
            sources = [way.source for way in open_ways]
            ready = select.select(sources, [], [], max(0.0, due - time.monotonic()))[0]
        for way in open_ways:
            if way.source in ready:
                chunk = way.source.recv(_CHUNK)
                way.has_ended = not chunk
                if chunk:
                    way.under_way.append((time.monotonic() + self.delay_s, chunk))

    def _deliver(self, way: _Way, chunk: bytes, left: int | None) -> int | None:
        if way.is_to_client and left is not None:
            chunk, left = chunk[:left], left - len(chunk)
        size = self.piece_bytes or len(chunk) or 1
        for start in range(0, len(chunk), size):
            way.sink.sendall(chunk[start : start + size])
        if way.is_to_client:
            self.bytes_to_client += len(chunk)
            if left is not None and left <= 0:
                raise ConnectionAbortedError
        return left
