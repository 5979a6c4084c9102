"""One SMTP connection: smtplib's commands over a vetted socket, with TLS first and replies limited in size and time.

The certificate is checked against the host name that the organization entered, not against the dialled address.
"""

import smtplib
import ssl
from base64 import b64encode
from socket import socket
from typing import TYPE_CHECKING

from banxway.clock import Clock
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.mixups import Patience, TlsOpening
from banxway.providers.mail.transport import Connect, GuardedReader, refuse_control_characters

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_MOST_REPLY_BYTES = 65536
_MOST_REPLY_LINES = 200
_LONGEST_REPLY_LINE = 8192
_PIECE_BYTES = 1_000_000
_PROBE_S = 5.0


class SmtpSession(smtplib.SMTP):
    """smtplib's client, with TLS from the first byte or by STARTTLS before anything else."""

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        timeouts_s: tuple[float, float],
        patience: Patience,
        clock: Clock,
    ) -> None:
        # Behind NAT we have no host name of our own; an address literal is allowed (RFC 5321, 4.1.4).
        super().__init__(local_hostname="[127.0.0.1]", timeout=timeouts_s[0])
        self._server = server
        self._dial = connect
        self._opening = TlsOpening(server, "smtp", connect=connect, tls=tls, patience=patience)
        self._clock = clock
        self._tls_context = tls
        self._reply_timeout_s = timeouts_s[1]
        self._host = server.host  # the name that smtplib's STARTTLS verifies
        self.deadline: float | None = None
        """Monotonic seconds after which every wait ends at once; None if only each single wait is limited."""

    def begin(self) -> None:
        """Connect, secure the connection and send EHLO. Raises OSError, and never continues without TLS."""
        code, answer = self.connect(self._server.host, self._server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer)
        if self._server.tls != "implicit":
            self._start_tls()
        self.ehlo_or_helo_if_needed()

    def authenticate(self, username: str, password: str) -> tuple[int, bytes]:
        """Log in by PLAIN, else LOGIN, and return the reply. In UTF-8: smtplib's own login fails beyond ASCII."""
        user = refuse_control_characters("username", username).encode()
        secret = refuse_control_characters("password", password).encode()
        offered = str(self.esmtp_features.get("auth", "")).upper().split()
        if "PLAIN" in offered:
            return self.docmd("AUTH", "PLAIN " + b64encode(b"\0" + user + b"\0" + secret).decode())
        if "LOGIN" not in offered:
            raise smtplib.SMTPNotSupportedError("The mail server offers neither PLAIN nor LOGIN")
        reply = self.docmd("AUTH", "LOGIN")
        for answer in (user, secret):
            if reply[0] != 334:
                break
            reply = self.docmd(b64encode(answer).decode())
        return reply

    @property
    def largest_mail(self) -> int | None:
        """The size in bytes that the server announced as its limit (RFC 1870); None for no fixed limit."""
        said = str(self.esmtp_features.get("size", ""))
        return int(said) if said.isascii() and said.isdigit() and int(said) else None

    def still_answers(self) -> bool:
        """Return whether a kept connection answers RSET, which also drops a mail begun on it. Never raises."""
        patience_s, self._reply_timeout_s = self._reply_timeout_s, min(_PROBE_S, self._reply_timeout_s)
        try:
            return self.rset()[0] == 250
        except OSError:
            return False
        finally:
            self._reply_timeout_s = patience_s

    def send_in_pieces(self, content: bytes) -> None:
        """Send a mail's text, each piece within the timeout and all of them by the deadline. Raises OSError."""
        for start in range(0, len(content), _PIECE_BYTES):
            self.send(content[start : start + _PIECE_BYTES])

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply within limits of size and time."""
        if self.file is None and self.sock is not None:
            self.file = GuardedReader(
                self.sock,
                max_line_bytes=_LONGEST_REPLY_LINE,
                read_timeout_s=self._reply_timeout_s,
                clock=self._clock,
            )
        if isinstance(self.file, GuardedReader):
            self.file.begin(
                max_bytes=_MOST_REPLY_BYTES, max_lines=_MOST_REPLY_LINES, seconds=self._patience_s()
            )
        return super().getreply()

    def send(self, s: "ReadableBuffer | str") -> None:
        """Send with the full timeout: reading may have left a shorter one on the socket."""
        if self.sock is not None:
            self.sock.settimeout(self._patience_s())
        super().send(s)

    def _patience_s(self) -> float:
        if self.deadline is None:
            return self._reply_timeout_s
        left_s = self.deadline - self._clock.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        return min(self._reply_timeout_s, left_s)

    def _start_tls(self) -> None:
        try:
            self.starttls(context=self._tls_context)
        except smtplib.SMTPNotSupportedError as error:
            raise ssl.SSLError("the server does not offer STARTTLS") from error
        except smtplib.SMTPResponseException as error:
            raise ssl.SSLError("the server refused STARTTLS") from error

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        sock = self._dial(host, port, timeout)
        sock.settimeout(timeout)
        try:
            if self._server.tls == "implicit":
                return self._opening.secured(sock)
            self._opening.await_greeting(sock)
        except BaseException:
            sock.close()
            raise
        return sock
