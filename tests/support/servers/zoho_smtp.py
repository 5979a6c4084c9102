"""A real SMTP server in front of a Dovecot, which announces and answers what Zoho does, and delivers as Zoho does.

A recipient who has a mailbox at the Dovecot gets the mail into its inbox; the sender gets a copy into Sent, as Zoho
keeps one of everything submitted by SMTP (reference/mail.md, 9). Zoho's greeting, extensions and answers are in its
users' public logs: before TLS STARTTLS and SIZE, after it AUTH and SIZE.
"""

import ssl
from contextlib import ExitStack
from email import message_from_bytes
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.support.servers.dovecot import Dovecot
from tests.support.servers.tcp_server import refused_port
from tests.support.timing.waiting import PATIENCE_S

_NAME = "mx.zohomail.com"
_SIZE = 53_477_376


class ZohoSmtp:
    """A context manager over three ports: `starttls_port`, `tls_port`, and `clear_port` for a relay that ends TLS.

    `mails` are (sender, recipients, raw) of everything that was accepted. The answer to the next `answers_to_lose`
    mails is lost: each is delivered, and the connection is cut before the answer.
    """

    def __init__(self, dovecot: Dovecot, tls: ssl.SSLContext) -> None:
        self._dovecot = dovecot
        self._users: dict[str, str] = {}
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.answers_to_lose = 0
        self.starttls_port, self.tls_port, self.clear_port = (refused_port() for _ in range(3))
        self._controllers = (
            self._controller(self.starttls_port, tls_context=tls, auth_require_tls=True),
            self._controller(self.tls_port, ssl_context=tls, auth_require_tls=False),
            self._controller(self.clear_port, auth_require_tls=False),
        )
        self._running = ExitStack()

    def __enter__(self) -> Self:
        for controller in self._controllers:
            controller.start()
            self._running.callback(controller.stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def add_user(self, user: str, password: str) -> None:
        """Let somebody submit mail, and receive it in a mailbox of the same name."""
        self._users[user] = password
        self._dovecot.add_user(user, password)

    def _controller(self, port: int, **options: Any) -> Controller:
        return Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            server_hostname=_NAME,
            ident="SMTP Server ready",
            data_size_limit=_SIZE,
            authenticator=self._log_in,
            ready_timeout=PATIENCE_S,
            **options,
        )

    def _log_in(self, *given: Any) -> AuthResult:
        login = given[-1]
        is_known = isinstance(login, LoginPassword) and (
            self._users.get(login.login.decode()) == login.password.decode()
        )
        said = "235 Authentication Successful" if is_known else "535 Authentication Failed"
        return AuthResult(success=is_known, handled=False, message=said)

    # What follows are the hooks that aiosmtpd calls by these names.

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        is_clear = "250-STARTTLS" in responses
        offered = "STARTTLS" if is_clear else "AUTH LOGIN PLAIN"
        return [f"250-{_NAME} Hello {hostname}", f"250-{offered}", f"250 SIZE {_SIZE}"]

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        del server
        if not session.authenticated:
            return "530 5.5.1 Authentication Required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return f"250 Sender <{address}> OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address not in self._users:
            return "550 5.1.1 User unknown"
        envelope.rcpt_tos.append(address)
        return f"250 Recipient <{address}> OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        del session
        sender = str(envelope.mail_from)
        if str(message_from_bytes(envelope.content)["From"]).find(sender) < 0:
            return f"553 Relaying disallowed as {sender}"
        self.mails.append((sender, list(envelope.rcpt_tos), envelope.content))
        for recipient in envelope.rcpt_tos:
            self._dovecot.deliver(recipient, envelope.content)
        self._dovecot.deliver(sender, envelope.content, folder="Sent", is_seen=True)
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            server.transport.abort()
        return "250 Message received"
