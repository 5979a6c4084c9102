"""Certificates, scripted mail servers and a Dovecot on loopback, and clients for them."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.imap.mailbox import ImapMailbox
from banxway.providers.mail.imap.stream import ImapLimits
from banxway.providers.mail.mixups import Patience
from banxway.providers.mail.smtp.sender import SmtpMailSender
from tests.banxway.providers.contracts.mailbox import MAILS
from tests.support.servers import smtp_server
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.dovecot import Dovecot
from tests.support.servers.imap_server import PASSWORD, TIGHT_LIMITS, USERNAME, Script, ScriptedImap
from tests.support.servers.smtp_server import ScriptedSmtp
from tests.support.servers.tcp_server import dial_scripted, scripted_context
from tests.support.timing.clocks import SetClock
from tests.support.timing.waiting import PATIENCE_S

MAIL_HOST = "mail.example.test"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(Path(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def trusting(authority: TestAuthority) -> ssl.SSLContext:
    """A client's TLS context that trusts the test authority and checks names."""
    return scripted_context(authority.client_context())


@pytest.fixture
def server_context(authority: TestAuthority) -> ssl.SSLContext:
    """A server's TLS context with a certificate for mail.example.test."""
    return authority.server_context("mail.example.test")


@pytest.fixture
def start_imap(server_context: ssl.SSLContext) -> Iterator[Callable[..., ScriptedImap]]:
    """Return a function that starts a scripted IMAP server; its arguments go into the script."""
    with ExitStack() as stack:
        yield lambda context=server_context, **script: stack.enter_context(
            ScriptedImap(context, Script(**{"mails": MAILS} | script))
        )


@pytest.fixture
def mailbox_at(trusting: ssl.SSLContext) -> Iterator[Callable[..., ImapMailbox]]:
    """Return a function that makes a mailbox with tight limits. Its clock advances only while a server is silent."""
    with ExitStack() as stack:

        def make(
            port: int,
            *,
            tls: str = "implicit",
            limits: ImapLimits = TIGHT_LIMITS,
            clock: SetClock | None = None,
            **login: str,
        ) -> ImapMailbox:
            clock = clock or SetClock()
            server = MailServer(MAIL_HOST, port, tls, **{"username": USERNAME, "password": PASSWORD} | login)
            connect = dial_scripted(port, clock)
            mailbox = ImapMailbox(server, connect=connect, tls=trusting, limits=limits, clock=clock)
            stack.callback(mailbox.close)
            return mailbox

        yield make


@pytest.fixture(scope="session")
def dovecot(authority: TestAuthority) -> Iterator[Dovecot]:
    """One Dovecot for all tests of a process; each test adds its own users."""
    with Dovecot.running(authority) as dovecot:
        yield dovecot


@pytest.fixture
def start_smtp(server_context: ssl.SSLContext) -> Iterator[Callable[..., ScriptedSmtp]]:
    """Return a function that starts a scripted SMTP server with the given replies."""
    with ExitStack() as stack:
        yield lambda context=server_context, **script: stack.enter_context(ScriptedSmtp(context, **script))


@pytest.fixture
def sender_at(trusting: ssl.SSLContext) -> Callable[..., SmtpMailSender]:
    """Return a function that makes a sender. Its clock is a given one, or advances only while a server is silent."""

    def make(
        port: int,
        *,
        tls: str = "starttls",
        username: str = smtp_server.USERNAME,
        password: str = smtp_server.PASSWORD,
        clock: SetClock | None = None,
    ):
        clock = clock or SetClock()
        return SmtpMailSender(
            MailServer(MAIL_HOST, port, tls, username, password),
            connect=dial_scripted(port, clock),
            tls=trusting,
            connect_timeout_s=240,
            reply_timeout_s=240,
            longest_s=240,
            patience=Patience(silence_s=PATIENCE_S, step_s=PATIENCE_S),
            clock=clock,
        )

    return make
