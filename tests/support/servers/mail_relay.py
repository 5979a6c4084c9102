"""A relay in front of a mail server that delays what the server sends, splits it and cuts the connection.

    with MailRelay(dovecot.plain_port, tls=authority.server_context(HOST), piece_bytes=3) as relay: …

With `tls` it ends TLS itself and speaks in the clear to the server, so that pieces are pieces of lines: what a relay
breaks outside of TLS is whole again before a client sees it. Without, it passes on what comes, encrypted or not.
"""

import select
import socket
import ssl
from collections import deque
from contextlib import suppress

from tests.support.servers.tcp_server import TcpServer, reset

_CHUNK = 65_536


class MailRelay(TcpServer):
    """A context manager. `cuts` are taken one by one: after how many bytes to the client a connection is reset.
    `delay_s` passes before anything is passed on."""

    def __init__(
        self,
        target_port: int,
        *,
        tls: ssl.SSLContext | None = None,
        delay_s: float = 0.0,
        piece_bytes: int = _CHUNK,
        cuts: tuple[int, ...] = (),
    ) -> None:
        super().__init__(self._pass_on)
        self._target_port, self._tls = target_port, tls
        self._delay_s, self._piece_bytes = delay_s, piece_bytes
        self.cuts = deque(cuts)
        self.bytes_to_client = 0
        """Of all connections."""

    def _pass_on(self, client: socket.socket) -> None:
        if self._tls is not None:
            client = self.secure(client, self._tls)
        with socket.create_connection(("127.0.0.1", self._target_port)) as server:
            self._carry(client, server, self.cuts.popleft() if self.cuts else None)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _carry(self, client: socket.socket, server: socket.socket, left: int | None) -> None:
        """Pass bytes on until one side ends, since neither protocol continues after that."""
        while source := self._ready(client, server):
            chunk = source.recv(_CHUNK)
            self.stopping.wait(self._delay_s)
            if source is client:
                server.sendall(chunk)
            else:
                self._deliver(client, chunk[:left])
                left = None if left is None else left - len(chunk)
            if not chunk:
                return
            if left is not None and left <= 0:
                reset(client)
                return

    def _ready(self, client: socket.socket, server: socket.socket) -> socket.socket:
        if isinstance(client, ssl.SSLSocket) and client.pending():
            return client
        return select.select([client, server], [], [])[0][0]

    def _deliver(self, client: socket.socket, chunk: bytes) -> None:
        for start in range(0, len(chunk), self._piece_bytes):
            client.sendall(chunk[start : start + self._piece_bytes])
        self.bytes_to_client += len(chunk)
