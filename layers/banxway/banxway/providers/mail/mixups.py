"""Finds out that a server speaks the other kind of TLS than it was asked for, which both sides meet with silence.

A server of implicit TLS waits for our ClientHello while we wait for its greeting; one that greets in the clear may
wait while we wait for its ServerHello. After a moment of silence a second connection tries the other kind, and only
its answer names the mix-up: a server that is merely slow is waited for as before.
"""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from banxway.errors import BanxwayError
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.transport import PORTS, Connect

_TLS_RECORDS = (b"\x15", b"\x16")
"""How an alert and a handshake begin (RFC 8446, 5.1)."""
_GREETINGS = {"smtp": b"220", "imap": b"* "}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a silent server is waited for, and each of the two steps of asking it the other way.

    All three together are 5 s at most: so soon a mix-up is named.
    """

    silence_s: float = 2.0
    step_s: float = 1.5


class TlsOpening:
    """Opens the talk with one mail server. Raises ssl.SSLError that names a mix-up."""

    def __init__(
        self,
        server: MailServer,
        protocol: str,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        patience: Patience,
    ) -> None:
        self._server = server
        self._protocol = protocol
        self._connect = connect
        self._tls = tls
        self._patience = patience

    def await_greeting(self, connected: socket.socket) -> None:
        """Return once a server said something in the clear, or is silent and yet does not speak TLS."""
        if not _is_silent(connected, self._patience.silence_s) or not self._speaks_tls():
            return
        raise ssl.SSLError(
            f"port mismatch: this port speaks TLS from the first byte, not STARTTLS ({self._hint})"
        )

    def secured(self, connected: socket.socket) -> ssl.SSLSocket:
        """Return the connection behind TLS from the first byte; what fails closes it."""
        secured = self._tls.wrap_socket(
            connected, server_hostname=self._server.host, do_handshake_on_connect=False
        )
        try:
            self._shake_hands(secured)
        except BaseException:
            secured.close()
            raise
        return secured

    @property
    def _hint(self) -> str:
        return PORTS[self._protocol]

    def _shake_hands(self, secured: ssl.SSLSocket) -> None:
        whole_s = secured.gettimeout()
        secured.settimeout(min(whole_s or self._patience.silence_s, self._patience.silence_s))
        try:
            secured.do_handshake()
        except (TimeoutError, ConnectionError, ssl.SSLEOFError) as error:
            if self._greets():
                raise ssl.SSLError(
                    f"port mismatch: this port begins in the clear, with STARTTLS ({self._hint})"
                ) from error
            if not isinstance(error, TimeoutError):
                raise
            secured.settimeout(whole_s)
            secured.do_handshake()
        finally:
            secured.settimeout(whole_s)

    def _speaks_tls(self) -> bool:
        ours = ssl.MemoryBIO()
        hello = self._tls.wrap_bio(ssl.MemoryBIO(), ours, server_hostname=self._server.host)
        with suppress(ssl.SSLWantReadError):
            hello.do_handshake()
        return self._first_bytes(1, after=ours.read()) in _TLS_RECORDS

    def _greets(self) -> bool:
        greeting = _GREETINGS[self._protocol]
        return self._first_bytes(len(greeting), after=b"") == greeting

    def _first_bytes(self, count: int, *, after: bytes) -> bytes:
        """Return how a connection of its own begins, b"" where nothing comes; never raises for a server."""
        try:
            with self._connect(self._server.host, self._server.port, self._patience.step_s) as probe:
                probe.settimeout(self._patience.step_s)
                probe.sendall(after)
                return probe.recv(count)
        except (BanxwayError, OSError):
            return b""


def _is_silent(connected: socket.socket, seconds: float) -> bool:
    """Whether nothing came within this time, or only the end of the stream."""
    whole_s = connected.gettimeout()
    connected.settimeout(seconds)
    try:
        return not connected.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return True
    finally:
        connected.settimeout(whole_s)
