"""imaplib over a vetted socket: TLS always, nothing smuggled into commands, nothing read without bounds."""

import imaplib
import re
import socket
import ssl
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass

from banxway.models.credentials import MailServer
from banxway.providers.mail.connection import (
    Budget,
    Connect,
    GuardedReader,
    TooMuch,
    refuse_control_characters,
)


@dataclass(frozen=True, slots=True)
class ImapLimits:
    """What a mail server may cost: seconds per step, bytes per answer.

    `answer_timeout_s` bounds one command's whole answer, `silence_timeout_s` any pause within it.
    `batch_bytes` and `batch_messages` bound one FETCH as far as sizes are known beforehand.
    """

    connect_timeout_s: float = 10
    answer_timeout_s: float = 45
    silence_timeout_s: float = 20
    liveness_timeout_s: float = 5
    max_literal_bytes: int = 60 * 1024 * 1024
    max_line_bytes: int = 65536
    max_lines: int = 1_000_000
    batch_bytes: int = 8 * 1024 * 1024
    batch_messages: int = 200


class LoginRefused(Exception):
    """Raised when the server says no to the credentials; the text is the server's."""


class ImapSession(imaplib.IMAP4):
    """One logged-in connection. Raises OSError and imaplib's own errors; the caller translates them."""

    def __init__(
        self, server: MailServer, *, connect: Connect, tls: ssl.SSLContext, limits: ImapLimits
    ) -> None:
        self._server = server
        self._dial = connect
        self._tls_context = tls
        self._limits = limits
        try:
            super().__init__(server.host, server.port, limits.connect_timeout_s)
            if server.tls != "implicit":
                self._start_tls()
            self._log_in()
        except BaseException as error:
            self.shutdown()
            # A server that hangs up says why before it does; imaplib only notices that it hung up.
            if farewell := self._farewell():
                raise imaplib.IMAP4.abort(farewell) from error
            raise

    def open(self, host: str = "", port: int = 993, timeout: float | None = None) -> None:
        """Connect through the vetted dialler (called by imaplib's constructor)."""
        self.host, self.port = host, port
        seconds = timeout or self._limits.connect_timeout_s
        self.sock = self._dial(host, port, seconds)
        self.sock.settimeout(seconds)
        if self._server.tls == "implicit":
            self.sock = self._tls_context.wrap_socket(self.sock, server_hostname=host)
        self._reader = self._new_reader()

    def read(self, size: int) -> bytes:
        """Read a literal. Raises TooMuch before reading one that is larger than allowed."""
        if size > self._limits.max_literal_bytes:
            raise TooMuch("the server announced too large a mail")
        return self._reader.read(size)

    def readline(self) -> bytes:
        """Read one line within the command's budget."""
        return self._reader.readline()

    def send(self, data: bytes) -> None:  # type: ignore[override]  # typeshed allows any buffer
        """Send, with a whole time-out: reading may have left a shorter one on the socket."""
        self.sock.settimeout(self._limits.silence_timeout_s)
        self.sock.sendall(data)

    def shutdown(self) -> None:
        """Close the socket; harmless when it is closed."""
        if hasattr(self, "sock"):
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
            self.sock.close()

    def command(self, name: str, *args: str) -> tuple[str, list[bytes]]:
        """Run one command to its tagged answer: ("OK" or "NO", the answer's text)."""
        status, answer = self._simple_command(name, *args)
        return str(status), answer

    def is_alive(self) -> bool:
        """Ask for a sign of life; a connection that a router forgot stays silent, so the wait is short."""
        self._reader.read_timeout_s = self._limits.liveness_timeout_s
        try:
            return self.command("NOOP")[0] == "OK"
        except (OSError, ValueError, imaplib.IMAP4.error):
            return False
        finally:
            self._reader.read_timeout_s = self._limits.silence_timeout_s

    def _command(self, name: str, *args: str | None) -> bytes:
        for argument in args:
            refuse_control_characters("imap_argument", argument or "")
        self._reader.budget = self._new_budget()
        return super()._command(name, *args)  # type: ignore[misc,no-any-return]  # not in typeshed

    def _start_tls(self) -> None:
        if "STARTTLS" not in self.capabilities:
            raise ssl.SSLError("the server does not offer STARTTLS")
        try:
            status, _ = self.command("STARTTLS")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:  # BAD, or a greeting that claims to have logged us in
            raise ssl.SSLError("the server refused STARTTLS") from error
        if status != "OK":
            raise ssl.SSLError("the server refused STARTTLS")
        self.sock = self._tls_context.wrap_socket(self.sock, server_hostname=self._server.host)
        # What arrived in the clear after STARTTLS, or before it, counts for nothing (RFC 3501, 6.2.1).
        self._reader = self._new_reader()
        self.untagged_responses = {}
        self._get_capabilities()

    def _log_in(self) -> None:
        user = refuse_control_characters("username", self._server.username)
        password = refuse_control_characters("password", self._server.password)
        try:
            if "AUTH=PLAIN" in self.capabilities:
                self.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            elif "AUTH=LOGIN" in self.capabilities:
                answers = iter((user.encode(), password.encode()))
                self.authenticate("LOGIN", lambda _: next(answers, None))
            elif "LOGINDISABLED" in self.capabilities or not (user + password).isascii():
                raise LoginRefused("the server offers no login that we know")
            else:
                status, answer = self.command("LOGIN", quoted(user), quoted(password))
                if status != "OK":
                    raise LoginRefused(answer[-1].decode("utf-8", "replace"))
                self.state = "AUTH"
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise LoginRefused(str(error)) from error

    def _farewell(self) -> str:
        said = getattr(self, "untagged_responses", {}).get("BYE")
        return said[-1].decode("utf-8", "replace") if said else ""

    def _new_reader(self) -> GuardedReader:
        limits = self._limits
        reader = GuardedReader(
            self.sock, max_line_bytes=limits.max_line_bytes, read_timeout_s=limits.silence_timeout_s
        )
        reader.budget = self._new_budget()
        return reader

    def _new_budget(self) -> Budget:
        limits = self._limits
        return Budget.fresh(
            max_bytes=limits.max_literal_bytes + limits.batch_bytes + 1024 * 1024,
            max_lines=limits.max_lines,
            seconds=limits.answer_timeout_s,
        )


def quoted(text: str) -> str:
    """Write an ASCII text as an IMAP quoted string (RFC 3501, 4.3)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder_argument(name: str) -> str:
    """Write a folder's name as servers expect it: modified UTF-7 (RFC 3501, 5.1.3), quoted."""
    refuse_control_characters("folder", name)
    encoded = re.sub(r"[^ -~]+|&", _shifted, name)
    return quoted(encoded)


def _shifted(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    utf16 = match[0].encode("utf-16-be", "replace")
    return f"&{b64encode(utf16, altchars=b'+,').decode().rstrip('=')}-"
