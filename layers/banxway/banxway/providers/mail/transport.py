"""What SMTP and IMAP share: bounded reading from a socket, and errors for what a mail server does wrong."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from banxway.clock import Clock
from banxway.errors import (
    BanxwayError,
    ProviderDenied,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    ValidationFailed,
)
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.server_words import reason_of_denial
from banxway.reasons import Reason

Connect = Callable[[str, int, float], socket.socket]
"""Opens TCP to a host and a port, within seconds; connects only to an address that was vetted. Raises OSError, or
HostRefused for an address that must not be connected to."""

_PIECE_BYTES = 65536
_LITERAL_PIECE_BYTES = 1024 * 1024
_LONGEST_WORDS = 500
PORTS = {"smtp": "use 587 for STARTTLS, 465 for SSL", "imap": "use 143 for STARTTLS, 993 for SSL"}


class AnswerTooLarge(OSError):
    """Raised when a server sends more than its budget allows; the connection cannot be used any more."""


@dataclass(slots=True)
class Budget:
    """How many bytes and lines a server may still send, and until when (monotonic seconds), before it is cut off."""

    bytes_left: int
    lines_left: int
    deadline: float


class GuardedReader:
    """Reads a socket within a budget; it replaces smtplib's own file object.

    A server that sends endless lines, an endless line, or one byte a minute costs no more than the budget
    (reference/threats-and-faults.md, threat 32). Raises AnswerTooLarge, TimeoutError, or another OSError.
    """

    def __init__(
        self, sock: socket.socket, *, max_line_bytes: int, read_timeout_s: float, clock: Clock
    ) -> None:
        self._socket = sock
        self._clock = clock
        self.max_line_bytes = max_line_bytes
        self.read_timeout_s = read_timeout_s
        self._buffer = bytearray()
        self.begin(max_bytes=_PIECE_BYTES, max_lines=100, seconds=read_timeout_s)

    def begin(self, *, max_bytes: int, max_lines: int, seconds: float) -> None:
        """Start a new budget now; it replaces what was left of the last one."""
        self.budget = Budget(max_bytes, max_lines, self._clock.monotonic() + seconds)

    def readline(self, limit: int = -1) -> bytes:
        """Return one line with its line end; at the end of the stream, what is left, which may be nothing."""
        longest = min(self.max_line_bytes, limit) if limit >= 0 else self.max_line_bytes
        self.budget.lines_left -= 1
        if self.budget.lines_left < 0:
            raise AnswerTooLarge("the server sent too many lines")
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            if len(self._buffer) >= longest:
                raise AnswerTooLarge("the server sent too long a line")
            searched = len(self._buffer)
            if not self._fill():
                return self._take(len(self._buffer))
        if end >= longest:
            raise AnswerTooLarge("the server sent too long a line")
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes. Raises OSError if the stream ends earlier."""
        if size > self.budget.bytes_left + len(self._buffer):
            raise AnswerTooLarge("the server announced too much")
        if size <= len(self._buffer):
            return self._take(size)
        pieces: list[bytes | bytearray] = [self._take(len(self._buffer))]
        missing = size - len(pieces[0])
        # Memory is allocated piece by piece: the announced bytes may never come.
        while missing:
            piece = bytearray(min(missing, _LITERAL_PIECE_BYTES))
            self._read_into(memoryview(piece))
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _read_into(self, room: memoryview) -> None:
        while room:
            self._limit_wait()
            count = self._socket.recv_into(room)
            self.budget.bytes_left -= count
            if not count:
                raise OSError("the connection ended in the middle of an answer")
            room = room[count:]

    def close(self) -> None:
        """Drop the buffer; the socket is closed by its owner."""
        self._buffer.clear()

    def _fill(self) -> bool:
        self._limit_wait()
        piece = self._socket.recv(_PIECE_BYTES)
        self.budget.bytes_left -= len(piece)
        if self.budget.bytes_left < 0:
            raise AnswerTooLarge("the server sent too much")
        self._buffer += piece
        return bool(piece)

    def _limit_wait(self) -> None:
        remaining_s = self.budget.deadline - self._clock.monotonic()
        if remaining_s <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(min(remaining_s, self.read_timeout_s))

    def _take(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:size])
        del self._buffer[:size]
        return taken


class MailErrors:
    """Makes the errors of one mail server for one protocol; none of them ever contains its password."""

    def __init__(self, server: MailServer, protocol: str) -> None:
        self._server = server
        self._protocol = protocol

    def unreachable(self, error: Exception, operation: str) -> ProviderError:
        """Return the error of a connection that failed, worded as in the guide's issues 4 and 5.

        ProviderRejected for an address that must not be connected to and for a server that sends too much;
        ProviderUnavailable, which may be tried again, for everything else.
        """
        kind = ProviderRejected if isinstance(error, BanxwayError | AnswerTooLarge) else ProviderUnavailable
        sentence, reason = self._named(error)
        return kind(sentence, reason=reason, **self.facts(operation))

    def denied(self, answer: str, operation: str, *, status: int | None = None) -> ProviderDenied:
        """Return the error of a refused login: "Invalid login: " and the server's own words."""
        said = self.without_password(answer)
        return ProviderDenied(
            f"Invalid login: {said}",
            reason=reason_of_denial(said, self._protocol),
            provider_status=status,
            provider_message=said,
            **self.facts(operation),
        )

    def without_password(self, text: str) -> str:
        """Return the server's words on one line, cut to 500 characters, with the password replaced by "***"."""
        line = " ".join(text.split())
        user, password = self._server.username, self._server.password
        plain = f"\0{user}\0{password}"
        for secret in (password, *(b64encode(each.encode()).decode() for each in (password, plain))):
            line = line.replace(secret, "***") if secret else line
        return line[:_LONGEST_WORDS]

    def facts(self, operation: str) -> dict[str, Any]:
        """Return the fields that every error has about its origin."""
        return {"provider": "mail", "operation": f"{self._protocol}_{operation}"}

    def _named(self, error: Exception) -> tuple[str, Reason | None]:
        if isinstance(error, BanxwayError):
            return error.message, error.reason
        if isinstance(error, ssl.SSLError):
            is_certificate = isinstance(error, ssl.SSLCertVerificationError)
            reason = Reason.CERTIFICATE_REFUSED if is_certificate else Reason.TLS_FAILED
            return f"TLS Error: {_tls_words(error, self._protocol)}", reason
        if isinstance(error, socket.gaierror):
            return "Host not found: the name service did not answer", Reason.NAME_SERVICE_DOWN
        if isinstance(error, TimeoutError):
            return "Connection timeout", Reason.TIMEOUT
        if isinstance(error, ConnectionRefusedError):
            return "Connection refused", Reason.CONNECTION_REFUSED
        if isinstance(error, AnswerTooLarge):
            return f"Connection closed: {error}", Reason.CONNECTION_CLOSED
        return "Connection closed by the server", Reason.CONNECTION_CLOSED


def _tls_words(error: ssl.SSLError, protocol: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    reason = getattr(error, "reason", None)  # set by OpenSSL's own errors only
    if not reason:
        return str(error.args[-1])
    return f"{reason.replace('_', ' ').lower()} (port mismatch? {PORTS[protocol]})"


def message_for_test(error: BanxwayError) -> str:
    """Return what failed in a test of a login, in the words of the guide's Test 5."""
    is_limit = error.reason in (Reason.RATE_LIMITED, Reason.TOO_MANY_CONNECTIONS)
    if is_limit and isinstance(error, ProviderThrottled):
        return f"Rate limit: wait 1 minute, then test again ({error.message})"
    return error.message


def refuse_control_characters(field: str, text: str) -> str:
    """Return the text if it cannot smuggle in a second command. Raises ValidationFailed naming the field.

    smtplib and imaplib let CR, LF or NUL through in some cases (reference/threats-and-faults.md, threats 22 and 23).
    """
    if any(character in text for character in "\r\n\0"):
        raise ValidationFailed(f"{field} must not contain line breaks or NUL", field=field)
    return text
