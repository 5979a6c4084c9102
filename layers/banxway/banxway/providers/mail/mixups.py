"""Detects that a port speaks the other kind of TLS (implicit or STARTTLS) than the account is set up for.

Both sides then wait in silence: a server of implicit TLS waits for our ClientHello while we wait for its greeting;
one that greets in plain text may wait while we wait for its ServerHello. After a moment of silence a second
connection tries the other kind. Only its answer proves the mix-up; a server that is merely slow keeps its full time.
"""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from banxway.errors import BanxwayError
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.transport import PORTS, Connect

_TLS_RECORDS = (b"\x15", b"\x16")
"""The first byte of an alert and of a handshake record (RFC 8446, 5.1)."""
_GREETINGS = {"smtp": b"220", "imap": b"* "}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a silent server, and for each of the two steps of the second connection, in seconds.

    The three waits add up to 5 s at most, so a mix-up is reported within that time.
    """

    silence_s: float = 2.0
    step_s: float = 1.5


class TlsOpening:
    """Opens the conversation with one mail server. Raises ssl.SSLError that names a mix-up."""

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
        """Wait until the server sends plain text, or is silent without TLS. Raises ssl.SSLError for TLS."""
        if not _is_silent(connected, self._patience.silence_s) or not self._speaks_tls():
            return
        raise ssl.SSLError(
            f"port mismatch: this port speaks TLS from the first byte, not STARTTLS ({self._hint})"
        )

    def secured(self, connected: socket.socket) -> ssl.SSLSocket:
        """Return the connection secured by TLS from the first byte; a failure closes it."""
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
                    f"port mismatch: this port begins in plain text, with STARTTLS ({self._hint})"
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
        """Return the first bytes that a second connection receives, b"" for none; never raises for a server."""
        try:
            with self._connect(self._server.host, self._server.port, self._patience.step_s) as probe:
                probe.settimeout(self._patience.step_s)
                probe.sendall(after)
                return probe.recv(count)
        except (BanxwayError, OSError):
            return b""


def _is_silent(connected: socket.socket, seconds: float) -> bool:
    """Return whether no bytes arrived within these seconds, or only the end of the stream."""
    whole_s = connected.gettimeout()
    connected.settimeout(seconds)
    try:
        return not connected.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return True
    finally:
        connected.settimeout(whole_s)
