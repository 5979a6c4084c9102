"""Opens an IMAP connection, secures it by TLS before anything else is sent, and logs in.

The certificate is checked against the host name that the organization entered, not against the dialled address.
"""

import socket
import ssl
from base64 import b64encode

from banxway.clock import Clock
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.imap.stream import ImapLimits, ImapStream
from banxway.providers.mail.imap.wire import ServerRefused, quoted
from banxway.providers.mail.mixups import TlsOpening
from banxway.providers.mail.transport import Connect, refuse_control_characters

_LONGEST_ANSWER = 1024 * 1024


class LoginRefused(Exception):
    """Raised when the server refuses the login, or lets us log in by no way that we know or trust."""


class ImapSession(ImapStream):
    """A stream that is connected, secured by TLS and logged in.

    Creating one raises LoginRefused, ssl.SSLError, HostRefused, ValidationFailed, or what ImapStream raises.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        limits: ImapLimits,
        clock: Clock,
    ) -> None:
        self._server, self._tls = server, tls
        opening = TlsOpening(server, "imap", connect=connect, tls=tls, patience=limits.patience)
        connected = connect(server.host, server.port, limits.connect_timeout_s)
        try:
            if server.tls == "implicit":
                connected = opening.secured(connected)
            else:
                opening.await_greeting(connected)
            super().__init__(connected, limits, clock)
        except BaseException:
            connected.close()
            raise
        try:
            self._begin()
        except BaseException:
            self.shutdown()
            raise

    def _begin(self) -> None:
        is_preauthenticated = self.greeting() == b"PREAUTH"
        if self._server.tls != "implicit":
            self._start_tls(is_preauthenticated=is_preauthenticated)
        elif is_preauthenticated:
            raise LoginRefused("the server let us in before it knew who we are")
        if not self.capabilities:
            self.run("CAPABILITY")
        self._log_in()

    def _secured(self, connected: socket.socket) -> ssl.SSLSocket:
        return self._tls.wrap_socket(connected, server_hostname=self._server.host)

    def _start_tls(self, *, is_preauthenticated: bool) -> None:
        # STARTTLS is then no longer possible, which an attacker could use to read the password (RFC 9051, 11.1).
        if is_preauthenticated:
            raise ssl.SSLError("the server refused STARTTLS")
        if not self.capabilities:
            self.run("CAPABILITY")
        if "STARTTLS" not in self.capabilities:
            raise ssl.SSLError("the server does not offer STARTTLS")
        try:
            self.run("STARTTLS")
        except ServerRefused as error:
            raise ssl.SSLError("the server refused STARTTLS") from error
        # Nothing that arrived in plain text is trusted, neither before nor after STARTTLS (RFC 3501, 6.2.1).
        self.switch_to(self._secured(self._socket))

    def _log_in(self) -> None:
        user = refuse_control_characters("username", self._server.username)
        password = refuse_control_characters("password", self._server.password)
        offered = self.capabilities
        try:
            if "AUTH=PLAIN" in offered:
                self._authenticate_plain(f"\0{user}\0{password}", at_once="SASL-IR" in offered)
            elif "AUTH=LOGIN" in offered:
                self.send("AUTHENTICATE LOGIN", max_bytes=_LONGEST_ANSWER)
                for word in (user, password):
                    self.await_continuation()
                    self.continue_with(b64encode(word.encode()).decode())
                list(self.answers())
            elif "LOGINDISABLED" in offered or not (user + password).isascii():
                raise LoginRefused("the server offers no login that we know")
            else:
                self.run(f"LOGIN {quoted(user)} {quoted(password)}")
        except ServerRefused as error:
            raise LoginRefused(str(error)) from error
        # Some servers state them again with the login: Zoho, untagged before the OK.
        if self.capabilities is offered:
            self.run("CAPABILITY")

    def _authenticate_plain(self, words: str, *, at_once: bool) -> None:
        response = b64encode(words.encode()).decode()
        if at_once:
            self.send(f"AUTHENTICATE PLAIN {response}", max_bytes=_LONGEST_ANSWER)
        else:
            self.send("AUTHENTICATE PLAIN", max_bytes=_LONGEST_ANSWER)
            self.await_continuation()
            self.continue_with(response)
        list(self.answers())
