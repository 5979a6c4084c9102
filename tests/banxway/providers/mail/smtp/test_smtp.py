"""SMTP with one mail: what each reply means, and what is never sent."""

import re
import socket
import ssl
from collections.abc import Callable

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from banxway.errors import (
    HostRefused,
    OutcomeUnknown,
    ProviderBlocked,
    ProviderDenied,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    ValidationFailed,
)
from banxway.models.integrations.credentials import MailServer
from banxway.models.messages.outgoing import OutgoingMail
from banxway.providers.mail.smtp.sender import SmtpMailSender
from tests.banxway.providers.contracts.mail_sender import MailSenderContract
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.smtp_server import PASSWORD, USERNAME, ScriptedSmtp, outgoing_mail
from tests.support.servers.tcp_server import TcpServer, refused_port, reset
from tests.support.timing.waiting import PATIENCE_S

Start = Callable[..., ScriptedSmtp]
HOST = "mail.example.test"


class TestContract(MailSenderContract):
    @pytest.fixture
    def mail(self) -> OutgoingMail:
        return outgoing_mail()

    @pytest.fixture
    def sender_after(self, start_smtp: Start, sender_at: Callable[..., SmtpMailSender]):
        scripts = {
            "accepted": {},
            "rejected": {"RCPT": "550 5.1.1 User unknown"},
            "denied": {"AUTH": "535 Authentication failed"},
            "throttled": {"MAIL": "452 4.3.1 Temporary System Error"},
            "cut_off": {"END": "RESET"},
        }

        def make(outcome: str) -> SmtpMailSender:
            port = refused_port() if outcome == "unreachable" else start_smtp(**scripts[outcome]).port
            return sender_at(port)

        return make


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN"])
def test_a_mail_arrives_whole_after_login_over_tls(start_smtp: Start, sender_at, tls: str, mechanisms: str):
    ehlo = "250-smtp\r\n{starttls}250 AUTH " + mechanisms
    server = start_smtp(is_implicit=tls == "implicit", EHLO=ehlo)

    accepted = sender_at(server.port, tls=tls).send(outgoing_mail())

    assert accepted.provider_sid == "<m1@banxway.example>"
    assert len(server.mails) == 1
    assert b"Subject: Your visit\r\n" in server.mails[0]
    assert f"MAIL FROM:<{USERNAME}>".lower() in [c.lower().split(" size=")[0] for c in server.commands]
    assert [c.split()[0].upper() for c in server.spoken_in_the_clear] in ([], ["EHLO", "STARTTLS"])


def test_a_mail_arrives_at_a_server_that_is_not_ours(authority: TestAuthority, sender_at):
    taken: list[bytes] = []

    class Sink:
        async def handle_DATA(self, server, session, envelope):
            taken.append(envelope.content)
            return "250 taken"

    def authenticate(server, session, envelope, mechanism, credentials):
        return AuthResult(
            handled=False,
            success=(credentials.login, credentials.password) == (USERNAME.encode(), PASSWORD.encode()),
        )

    port = refused_port()
    controller = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=port,
        tls_context=authority.server_context(HOST),
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
        ready_timeout=PATIENCE_S,
    )
    controller.start()
    try:
        sender_at(port).send(outgoing_mail(text="one\n.\ntwo\n..three"))
        assert sender_at(port, password="wrong").check().error.startswith("Invalid login: 535 ")
    finally:
        controller.stop()

    assert len(taken) == 1
    assert taken[0].endswith(b"one\r\n.\r\ntwo\r\n..three\r\n")


@pytest.mark.parametrize(
    "text",
    ["a\n.\nb", "a\r\n.\r\nb", "a\r.\rb", "a\n.\r\nMAIL FROM:<x@y>\r\n", ".", ".\n.", "a\n.", "..", ""],
)
def test_no_text_ends_the_mail_or_begins_another(start_smtp: Start, sender_at, text: str):
    server = start_smtp()

    sender_at(server.port).send(outgoing_mail(text=text))

    assert len(server.mails) == 1
    assert [c.split()[0].upper() for c in server.commands].count("MAIL") == 1
    body = server.mails[0].partition(b"\r\n\r\n")[2]
    unstuffed = [line.removeprefix(b".") if line.startswith(b".") else line for line in body.split(b"\r\n")]
    assert b"\n".join(unstuffed).rstrip(b"\n").decode() == "\n".join(text.splitlines()).rstrip("\n")


@pytest.mark.parametrize("field", ["sender", "to"])
@pytest.mark.parametrize(
    "address", ["a@b.example>\r\nRCPT TO:<eve@evil.example", "a@b\n", "a@b\0", "a@b> SIZE=1"]
)
def test_no_address_smuggles_a_command(start_smtp: Start, sender_at, field: str, address: str):
    server = start_smtp()

    with pytest.raises(ValidationFailed):
        sender_at(server.port).send(outgoing_mail(**{field: address}))

    assert server.commands == []


@pytest.mark.parametrize("field", ["username", "password"])
def test_no_credential_smuggles_a_command(start_smtp: Start, sender_at, field: str):
    server = start_smtp()

    check = sender_at(server.port, **{field: "x\r\nMAIL FROM:<a@b>"}).check()

    assert not check.success
    assert [c.split()[0].upper() for c in server.commands] == ["EHLO", "STARTTLS", "EHLO"]


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({}, None),
        ({"AUTH": "535 Authentication failed"}, "Invalid login: 535 Authentication failed"),
        ({"AUTH": "535 5.7.8 Authentication failed"}, "Invalid login: 535 5.7.8 Authentication failed"),
        ({"AUTH": "454 4.7.0 try later"}, "Rate limit: wait 1 minute, then test again (454 4.7.0 try later)"),
        ({"EHLO": "250-smtp\r\n250 AUTH PLAIN"}, "TLS Error: the server does not offer STARTTLS"),
        ({"STARTTLS": "454 not now"}, "TLS Error: the server refused STARTTLS"),
        ({"EHLO": "250-smtp\r\n{starttls}250 AUTH NTLM"}, "The mail server offers neither PLAIN nor LOGIN"),
        ({"GREETING": "554 no service"}, "554 no service"),
        ({"GREETING": "HANG"}, "Connection timeout"),
        ({"GREETING": "CLOSE"}, "Connection closed by the server"),
        ({"GREETING": "RESET"}, "Connection closed by the server"),
        ({"EHLO": "RESET"}, "Connection closed by the server"),
        ({"AUTH": "HANG"}, "Connection timeout"),
        ({"GREETING": "nonsense"}, "The mail server's answer is unreadable"),
    ],
    ids=lambda value: "_".join(str(value).split())[:50],
)
def test_the_check_says_what_is_wrong_in_the_guides_words(
    start_smtp: Start, sender_at, script: dict, error: str | None
):
    server = start_smtp(**script)

    check = sender_at(server.port).check()

    assert (check.success, check.error) == (error is None, error)
    assert (check.host, check.port, check.secure) == (HOST, server.port, False)
    assert server.mails == []


def test_a_refused_connection_is_named(sender_at):
    assert sender_at(refused_port(), tls="implicit").check().error == "Connection refused"


def test_a_host_that_must_not_be_dialled_is_a_refusal(trusting: ssl.SSLContext):
    def refuse(host: str, port: int, timeout_s: float):
        raise HostRefused("This host is not on the public internet", field="host")

    sender = SmtpMailSender(MailServer("10.0.0.1", 587, "starttls", "u", "p"), connect=refuse, tls=trusting)

    assert sender.check().error == "This host is not on the public internet"
    with pytest.raises(ProviderRejected):
        sender.send(outgoing_mail())


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("fault", "words"),
    [("name", "mismatch"), ("expired", "expired"), ("stranger", "self-signed|unable to get")],
)
def test_a_certificate_that_proves_nothing_ends_the_connection(
    start_smtp: Start, sender_at, authority: TestAuthority, tmp_path, tls: str, fault: str, words: str
):
    contexts = {
        "name": lambda: authority.server_context("other.example.test"),
        "expired": lambda: authority.server_context(HOST, is_expired=True),
        "stranger": lambda: TestAuthority(tmp_path).server_context(HOST),
    }
    server = start_smtp(contexts[fault](), is_implicit=tls == "implicit")
    sender = sender_at(server.port, tls=tls)

    check = sender.check()
    with pytest.raises(ProviderUnavailable):
        sender.send(outgoing_mail())

    assert check.error.startswith("TLS Error: ")
    assert re.search(words, check.error)
    assert not any("AUTH" in command for command in server.commands)


def test_a_plain_server_on_a_tls_port_is_named(start_smtp: Start, sender_at):
    server = start_smtp()

    assert sender_at(server.port, tls="implicit").check().error.startswith("TLS Error: ")


def test_what_was_said_before_tls_counts_for_nothing(
    start_smtp: Start, sender_at, server_context: ssl.SSLContext
):
    def serve(connection):
        connection.sendall(b"220 hi\r\n")
        connection.recv(1000)
        connection.sendall(b"250-hi\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        # An attacker on the way adds a reply to the last one in plain text.
        connection.sendall(b"220 go\r\n250-hi\r\n250 AUTH PLAIN\r\n")
        secured = server.secure(connection, server_context)
        heard.append(secured.recv(1000))
        secured.sendall(b"250-hi\r\n250 AUTH LOGIN\r\n")
        heard.append(secured.recv(1000))
        secured.shutdown(socket.SHUT_RDWR)

    heard: list[bytes] = []
    with TcpServer(serve) as server:
        sender_at(server.port).check()

    assert heard[0].startswith(b"ehlo")
    assert heard[1].startswith(b"AUTH LOGIN")


@pytest.mark.parametrize(
    ("verb", "reply", "error", "advice"),
    [
        ("AUTH", "535 Authentication Failed", ProviderDenied, None),
        ("MAIL", "530 5.5.1 Authentication Required", ProviderRejected, "login"),
        ("END", "553 Relaying disallowed as x@y.example", ProviderRejected, "alias"),
        ("MAIL", "550 5.4.6 Unusual sending activity detected", ProviderBlocked, "unblock"),
        ("END", "554 5.1.8 Sender Address Blocked", ProviderBlocked, "unblock"),
        ("RCPT", "554 5.4.6 Too many hops", ProviderRejected, "policy"),
        ("END", "553 5.1.8 Domain of sender does not exist", ProviderRejected, "alias"),
        ("END", "552 5.7.1 virus detected", ProviderRejected, "virus"),
        ("RCPT", "550 5.1.1 User unknown", ProviderRejected, "does not exist"),
        ("END", "550 5.7.1 rejected per DMARC policy", ProviderRejected, "DMARC"),
        ("RCPT", "541 5.4.1 Mail rejected by destination domain", ProviderRejected, "domain"),
        ("RCPT", "452 5.7.1 delivery restricted by policy", ProviderRejected, "policy"),
        ("RCPT", "452 4.7.1 delivery restricted by policy", ProviderRejected, "policy"),
        ("RCPT", "451 4.7.1 greylisted", ProviderThrottled, None),
        ("RCPT", "452 4.5.3 too many recipients", ProviderThrottled, None),
        ("END", "452 4.3.1 Temporary System Error", ProviderThrottled, None),
        ("MAIL", "421 4.7.0 closing", ProviderThrottled, None),
        ("DATA", "451 4.3.0 not now", ProviderThrottled, None),
        ("DATA", "250 what?", ProviderUnavailable, None),
    ],
    ids=lambda value: str(value)[:20].replace(" ", "_"),
)
def test_an_answer_is_judged_by_its_class_and_code(
    start_smtp: Start, sender_at, verb: str, reply: str, error: type, advice: str | None
):
    server = start_smtp(**{verb: reply})

    with pytest.raises(error) as raised:
        sender_at(server.port).send(outgoing_mail())

    assert type(raised.value) is error
    assert (advice or "") in (raised.value.details.get("advice") or "")
    assert raised.value.provider_status == int(reply[:3])


class _Stopped(Exception):
    pass


def test_what_begin_raises_keeps_back_the_last_dot(start_smtp: Start, sender_at):
    """Nothing is accepted before it (RFC 5321, 4.1.1.4)."""
    server = start_smtp()

    def stop() -> None:
        raise _Stopped

    with pytest.raises(_Stopped):
        sender_at(server.port).send(outgoing_mail(), begin=stop)

    assert server.mails == []


def test_a_mail_begins_to_be_handed_over_when_all_but_its_last_dot_is_sent(start_smtp: Start, sender_at):
    server, begun = start_smtp(), []

    sender_at(server.port).send(outgoing_mail(), begin=lambda: begun.append(list(server.mails)))

    assert begun == [[]]
    assert len(server.mails) == 1


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", ["RESET", "CLOSE", "HANG"])
def test_a_break_before_the_last_dot_is_proof_that_nothing_was_taken(
    start_smtp: Start, sender_at, verb: str, fault: str
):
    server = start_smtp(**{verb: fault})

    with pytest.raises(ProviderUnavailable):
        sender_at(server.port).send(outgoing_mail())

    assert server.mails == []


@pytest.mark.parametrize("fault", ["RESET", "CLOSE", "HANG", "garbage", "354 more?"])
def test_after_the_last_dot_no_answer_means_unknown(start_smtp: Start, sender_at, fault: str):
    server = start_smtp(END=fault)

    with pytest.raises(OutcomeUnknown):
        sender_at(server.port).send(outgoing_mail())

    assert len(server.mails) == 1


def test_a_break_after_the_answer_changes_nothing(start_smtp: Start, sender_at):
    server = start_smtp(QUIT="RESET")

    assert sender_at(server.port).send(outgoing_mail()).provider_sid


def test_a_connection_lost_within_the_mail_is_proof_that_nothing_was_taken(
    sender_at, server_context: ssl.SSLContext
):
    def serve(connection):
        secured = server.secure(connection, server_context)
        for reply in (b"220 hi", b"250-hi\r\n250 AUTH PLAIN", b"235 ok", b"250 ok", b"250 ok", b"354 go"):
            secured.sendall(reply + b"\r\n")
            secured.recv(10_000)
        reset(secured)

    with TcpServer(serve) as server, pytest.raises(ProviderUnavailable):
        sender_at(server.port, tls="implicit").send(outgoing_mail(text=("y" * 75 + "\n") * 250_000))


@pytest.mark.parametrize(
    "reply",
    [b"250-x\r\n" * 1000, b"250-" + b"x" * 100_000, b"2" * 20_000],
    ids=["endless_lines", "endless_line", "no_line"],
)
def test_a_server_that_floods_is_left(sender_at, server_context: ssl.SSLContext, reply: bytes):
    def serve(connection):
        secured = server.secure(connection, server_context)
        secured.sendall(b"220 hi\r\n")
        secured.recv(1000)
        while True:
            secured.sendall(reply)

    with TcpServer(serve) as server:
        check = sender_at(server.port, tls="implicit").check()

    assert check.error


@pytest.mark.parametrize("field", ["to", "reply_to"])
def test_letters_beyond_ascii_need_a_server_that_offers_smtputf8(start_smtp: Start, sender_at, field: str):
    without = start_smtp()
    able = start_smtp(EHLO="250-smtp\r\n{starttls}250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN")

    with pytest.raises(ValidationFailed) as raised:
        sender_at(without.port).send(outgoing_mail(**{field: "áşa@example.org"}))
    sender_at(able.port).send(outgoing_mail(**{field: "áşa@example.org"}))

    assert raised.value.details["field"] == field
    assert without.mails == []
    assert "To: áşa@example.org".encode() in able.mails[0]
    assert next(c for c in able.commands if c.lower().startswith("mail")).endswith("SMTPUTF8 BODY=8BITMIME")


def test_a_password_that_the_server_repeats_stays_out_of_the_error(start_smtp: Start, sender_at):
    server = start_smtp(AUTH=f"535 no such password {PASSWORD}")

    with pytest.raises(ProviderDenied) as raised:
        sender_at(server.port).send(outgoing_mail())

    assert PASSWORD not in str(raised.value) + repr(vars(raised.value))


def test_a_check_logs_in_again(start_smtp: Start, sender_at):
    server = start_smtp(AUTH=["235 welcome", "535 Authentication failed"])
    sender = sender_at(server.port)
    sender.send(outgoing_mail())

    assert sender.check().error == "Invalid login: 535 Authentication failed"


@pytest.mark.parametrize(
    ("script", "may_pass"),
    [
        ({"GREETING": "RESET"}, True),
        ({"AUTH": "454 4.7.0 try later"}, True),
        ({"AUTH": "535 Authentication failed"}, False),
        ({}, False),
    ],
    ids=["down", "throttled", "wrong password", "works"],
)
def test_the_check_tells_an_outage_from_a_refusal(start_smtp: Start, sender_at, script: dict, may_pass: bool):
    check = sender_at(start_smtp(**script).port).check()

    assert check.may_pass == may_pass
    assert "may_pass" not in check.model_dump()
