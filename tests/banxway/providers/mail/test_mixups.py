"""A port that speaks the other kind of TLS is detected and reported; a slow server keeps its full time."""

import socket
import ssl
import threading
from collections.abc import Callable

import pytest

from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.imap.mailbox import ImapMailbox
from banxway.providers.mail.mixups import Patience
from banxway.providers.mail.smtp.sender import SmtpMailSender
from tests.support.servers.imap_server import PATIENT_LIMITS
from tests.support.servers.tcp_server import TcpServer, dial_loopback, reset

HOST = "mail.example.test"
SMTP_PORTS, IMAP_PORTS = "use 587 for STARTTLS, 465 for SSL", "use 143 for STARTTLS, 993 for SSL"
HINTS = {"smtp": SMTP_PORTS, "imap": IMAP_PORTS}
GREETINGS = {"smtp": b"220 mx.example.test ready\r\n", "imap": b"* OK ready\r\n"}
Check = Callable[..., SmtpCheck | ImapCheck]


@pytest.fixture
def check(authority) -> Check:
    """Log in by either protocol, over real sockets with real time."""

    def log_in(protocol: str, port: int, tls: str, patience: Patience) -> SmtpCheck | ImapCheck:
        server = MailServer(HOST, port, tls, "support@example.test", "secret")
        connect, context = dial_loopback(port), authority.client_context()
        if protocol == "smtp":
            return SmtpMailSender(server, connect=connect, tls=context, patience=patience).check()
        limits = PATIENT_LIMITS
        limits = type(limits)(
            **{name: getattr(limits, name) for name in limits.__slots__} | {"patience": patience}
        )
        return ImapMailbox(server, connect=connect, tls=context, limits=limits).check()

    return log_in


SOON = Patience(silence_s=0.05, step_s=240)


def test_a_mix_up_is_named_within_five_seconds() -> None:
    usual = Patience()

    assert usual.silence_s + 2 * usual.step_s <= 5


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_starttls_towards_a_port_of_tls_is_named(check: Check, server_context, protocol: str) -> None:
    with TcpServer(lambda connection: server.secure(connection, server_context)) as server:
        found = check(protocol, server.port, "starttls", SOON)

    assert found.error == (
        f"TLS Error: port mismatch: this port speaks TLS from the first byte, not STARTTLS ({HINTS[protocol]})"
    )


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_a_strangers_certificate_does_not_hide_a_mix_up(check: Check, authority, protocol: str) -> None:
    other = authority.server_context("other.example.test", is_expired=True)
    with TcpServer(lambda connection: server.secure(connection, other)) as server:
        found = check(protocol, server.port, "starttls", SOON)

    assert "speaks TLS from the first byte" in found.error


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_a_port_of_tls_that_hangs_up_on_the_silent_is_named(
    check: Check, server_context, protocol: str
) -> None:
    connections = iter(range(100))

    def serve(connection: socket.socket) -> None:
        if next(connections):
            server.secure(connection, server_context)
        else:
            connection.shutdown(socket.SHUT_RDWR)

    with TcpServer(serve) as server:
        found = check(protocol, server.port, "starttls", Patience(silence_s=240, step_s=240))

    assert "speaks TLS from the first byte" in found.error


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_tls_towards_a_port_that_greets_in_the_clear_is_named(check: Check, protocol: str) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(GREETINGS[protocol])
        server.stopping.wait()

    with TcpServer(greet) as server:
        found = check(protocol, server.port, "implicit", SOON)

    assert found.error.startswith("TLS Error: ")
    assert HINTS[protocol] in found.error


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
@pytest.mark.parametrize("first", ["silent", "hangs up", "resets"])
def test_tls_towards_a_port_that_answers_no_hello_is_named(check: Check, protocol: str, first: str) -> None:
    connections = iter(range(100))

    def serve(connection: socket.socket) -> None:
        if next(connections):
            connection.sendall(GREETINGS[protocol])
        elif first == "hangs up":
            connection.recv(1)
            connection.shutdown(socket.SHUT_RDWR)
        elif first == "resets":
            connection.recv(1)
            reset(connection)
        server.stopping.wait()

    patience = SOON if first == "silent" else Patience(silence_s=240, step_s=240)
    with TcpServer(serve) as server:
        found = check(protocol, server.port, "implicit", patience)

    assert found.error == (
        f"TLS Error: port mismatch: this port begins in plain text, with STARTTLS ({HINTS[protocol]})"
    )


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_a_server_that_is_merely_slow_is_waited_for(
    check: Check, server_context: ssl.SSLContext, protocol: str, tls: str
) -> None:
    was_tried = threading.Event()
    connections = iter(range(100))

    def serve(connection: socket.socket) -> None:
        if next(connections):
            was_tried.set()
            return connection.close()
        was_tried.wait()
        secured = server.secure(connection, server_context) if tls == "implicit" else connection
        secured.sendall(b"554 not today\r\n" if protocol == "smtp" else b"* BYE not today\r\n")
        return server.stopping.wait() and None

    with TcpServer(serve) as server:
        found = check(protocol, server.port, tls, SOON)
        has_tried = was_tried.is_set()
        was_tried.set()  # a server that still waited for it would hide the failure

    assert found.error in ("554 not today", "Connection closed by the server")
    assert has_tried


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_a_server_that_is_not_silent_is_asked_once(
    check: Check, start_smtp, start_imap, protocol: str
) -> None:
    server = start_smtp() if protocol == "smtp" else start_imap(is_implicit=False)

    check(protocol, server.port, "starttls", Patience(silence_s=240, step_s=240))

    assert server.connections == 1
