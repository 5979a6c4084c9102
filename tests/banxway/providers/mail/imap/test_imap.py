import ssl
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from banxway.errors import (
    HostRefused,
    ProviderDenied,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    ValidationFailed,
)
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.imap.mailbox import ImapMailbox
from tests.banxway.providers.contracts.mailbox import MailboxContract
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.imap_server import (
    PASSWORD,
    PATIENT_LIMITS,
    TIGHT_LIMITS,
    USERNAME,
    ZOHO_CAPABILITIES,
)
from tests.support.servers.tcp_server import TcpServer, refused_port
from tests.support.timing.clocks import SetClock, TickingClock

HOST = "mail.example.test"


class TestContract(MailboxContract):
    @pytest.fixture
    def mailbox_of(self, start_imap, mailbox_at):
        return lambda mails: mailbox_at(start_imap(mails=mails).port)


def test_reading_never_changes_the_mailbox(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)

    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    list(mailbox.fetch([3, 5]))

    assert server.asked == [
        'EXAMINE "INBOX"',
        "UID FETCH 1:* (UID RFC822.SIZE)",
        "UID FETCH 3,5 (UID FLAGS INTERNALDATE BODY.PEEK[])",
    ]


def test_the_arrival_time_is_utc(start_imap, mailbox_at):
    when = b'INTERNALDATE "17-Jul-2026 02:44:25 -0700"'
    answer = b"* 1 FETCH (UID 3 " + when + b" BODY[] {1}\r\nx)\r\n{tag} OK done\r\n"
    mailbox = mailbox_at(start_imap(says={"UID FETCH": answer}).port)
    mailbox.open("INBOX")

    (mail,) = mailbox.fetch([3])

    assert mail.internal_date == datetime(2026, 7, 17, 9, 44, 25, tzinfo=UTC)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("capabilities", "verb"),
    [
        (ZOHO_CAPABILITIES, "AUTHENTICATE PLAIN"),
        ("IMAP4rev1 AUTH=LOGIN", "AUTHENTICATE LOGIN"),
    ],
)
def test_login_happens_behind_tls_by_what_the_server_offers(
    start_imap, mailbox_at, tls: str, capabilities: str, verb: str
):
    server = start_imap(is_implicit=tls == "implicit", capabilities=capabilities)

    assert mailbox_at(server.port, tls=tls).check().success

    assert verb in server.commands
    assert server.spoken_in_the_clear in ([], ["CAPABILITY", "STARTTLS"])


def test_a_server_without_sasl_is_given_quoted_words(start_imap, mailbox_at):
    server = start_imap(capabilities="IMAP4rev1")

    mailbox_at(server.port, username='a"b', password="c\\d").check()

    assert 'LOGIN "a\\"b" "c\\\\d"' in server.commands


@pytest.mark.parametrize(
    ("script", "login", "error"),
    [
        ({}, {"password": "wrong"}, "Invalid login: [AUTHENTICATIONFAILED] Invalid credentials(Failure)"),
        (
            {"capabilities": "IMAP4rev1 LOGINDISABLED"},
            {},
            "Invalid login: the server offers no login that we know",
        ),
        (
            {"says": {"AUTHENTICATE": b"{tag} NO Maximum connections exceeded\r\n"}},
            {},
            "Rate limit: wait 1 minute, then test again (Maximum connections exceeded)",
        ),
        (
            {"says": {"AUTHENTICATE": b"* BYE Too many connections\r\n"}},
            {},
            "Rate limit: wait 1 minute, then test again (Too many connections)",
        ),
        ({"greeting": "HANG"}, {}, "Connection timeout"),
        ({"greeting": "CLOSE"}, {}, "Connection closed by the server"),
        ({"greeting": "RESET"}, {}, "Connection closed by the server"),
        (
            {"greeting": b"* BYE overloaded\r\n"},
            {},
            "overloaded",
        ),
        ({"greeting": b"220 smtp.example.test\r\n"}, {}, "The mail server's answer is unreadable"),
        ({"says": {"LIST": "HANG"}}, {}, "Connection timeout"),
    ],
    ids=[
        "wrong_password",
        "no_login",
        "too_many",
        "bye",
        "hang",
        "close",
        "reset",
        "bye_first",
        "smtp",
        "late",
    ],
)
def test_the_check_says_what_is_wrong_in_the_guides_words(
    start_imap, mailbox_at, script: dict, login: dict, error: str
):
    server = start_imap(**script)

    check = mailbox_at(server.port, **login).check()

    assert (check.success, check.error) == (False, error)
    assert (check.host, check.port, check.secure) == (HOST, server.port, True)
    assert (check.mailbox_count, check.unread_count) == (None, None)


def test_the_check_counts_only_folders_that_can_be_opened(start_imap, mailbox_at):
    literal = (
        b'* LIST (\\Sent) "/" {4}\r\nSent\r\n* LIST () "/" "INBOX"\r\n'
        b'* LIST (\\NonExistent) "/" x\r\n{tag} OK done\r\n'
    )

    check = mailbox_at(start_imap(says={"LIST": literal}).port).check()

    assert check.mailbox_count == 2


def test_a_refused_connection_is_named(mailbox_at):
    port = refused_port()

    assert mailbox_at(port).check().error == "Connection refused"
    with pytest.raises(ProviderUnavailable, match="Connection refused"):
        mailbox_at(port).open("INBOX")


def test_a_host_that_must_not_be_dialled_is_a_refusal(trusting: ssl.SSLContext):
    def refuse(host: str, port: int, timeout_s: float):
        raise HostRefused("This host is not on the public internet", field="host")

    mailbox = ImapMailbox(MailServer("10.0.0.1", 993, "implicit", "u", "p"), connect=refuse, tls=trusting)

    assert mailbox.check().error == "This host is not on the public internet"
    with pytest.raises(ProviderRejected):
        mailbox.open("INBOX")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["name", "expired", "stranger"])
def test_a_certificate_that_proves_nothing_ends_the_connection(
    start_imap, mailbox_at, authority: TestAuthority, tmp_path, tls: str, fault: str
):
    contexts = {
        "name": lambda: authority.server_context("other.example.test"),
        "expired": lambda: authority.server_context(HOST, is_expired=True),
        "stranger": lambda: TestAuthority(tmp_path).server_context(HOST),
    }
    server = start_imap(contexts[fault](), is_implicit=tls == "implicit")

    check = mailbox_at(server.port, tls=tls).check()

    assert check.error.startswith("TLS Error: certificate verify failed")
    assert not any(command.startswith(("AUTHENTICATE", "LOGIN")) for command in server.commands)


@pytest.mark.parametrize(
    "script",
    [
        {"says": {"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n"}},
        {"says": {"STARTTLS": b"{tag} NO not now\r\n"}},
        {"says": {"STARTTLS": b"{tag} BAD what?\r\n"}},
        {"greeting": b"* PREAUTH welcome\r\n"},
    ],
    ids=["stripped", "refused", "bad", "preauth"],
)
def test_without_tls_nothing_is_said(start_imap, mailbox_at, script: dict):
    server = start_imap(is_implicit=False, **script)

    check = mailbox_at(server.port, tls="starttls").check()

    assert check.error.startswith("TLS Error: ")
    assert {command.split()[0] for command in server.commands} <= {"CAPABILITY", "STARTTLS"}


def test_what_was_said_before_tls_counts_for_nothing(mailbox_at, server_context: ssl.SSLContext):
    def serve(connection):
        connection.sendall(b"* OK hi\r\n")
        tag = connection.recv(1000).split()[0]
        connection.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")
        tag = connection.recv(1000).split()[0]
        following = b"A%d" % (int(tag[1:]) + 1)
        # An attacker on the way adds answers to the last one in plain text, one of them to the next command.
        forged = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + following + b" OK done\r\n"
        connection.sendall(tag + b" OK done\r\n" + forged)
        secured = server.secure(connection, server_context)
        tag = secured.recv(1000).split()[0]
        secured.sendall(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n" + tag + b" OK done\r\n")

    with TcpServer(serve) as server:
        check = mailbox_at(server.port, tls="starttls").check()

    assert check.error == "Invalid login: the server offers no login that we know"


@pytest.mark.parametrize("folder", ["INBOX\r\nA1 DELETE x", "INBOX\n", "a\0b", "a\rb"])
def test_no_folder_name_smuggles_a_command(start_imap, mailbox_at, folder: str):
    server = start_imap()

    with pytest.raises(ValidationFailed):
        mailbox_at(server.port).open(folder)

    assert server.commands == []


@pytest.mark.parametrize("field", ["username", "password"])
def test_no_credential_smuggles_a_command(start_imap, mailbox_at, field: str):
    server = start_imap(capabilities="IMAP4rev1")

    check = mailbox_at(server.port, **{field: 'x"\r\nA1 DELETE INBOX'}).check()

    assert not check.success
    assert server.commands == ["CAPABILITY"]


@pytest.mark.parametrize(
    ("folder", "argument"),
    [
        ("My Items", '"My Items"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("R&D", '"R&-D"'),
        ("台北/日本語", '"&U,BTFw-/&ZeVnLIqe-"'),
        ("Entwürfe", '"Entw&APw-rfe"'),
    ],
)
def test_a_folders_name_is_written_as_servers_expect_it(start_imap, mailbox_at, folder: str, argument: str):
    server = start_imap()

    with pytest.raises(ProviderRejected):
        mailbox_at(server.port).open(folder)

    assert server.commands[-1] == f"EXAMINE {argument}"


def test_a_kept_connection_is_used_again_while_it_answers(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)

    for _ in range(3):
        mailbox.open("INBOX")

    assert server.connections == 1
    assert server.commands.count("NOOP") == 2


def test_a_connection_is_asked_for_a_sign_of_life_unless_it_has_just_answered(start_imap, mailbox_at):
    clock = SetClock()
    server = start_imap()
    mailbox = mailbox_at(server.port, clock=clock, limits=PATIENT_LIMITS)

    for passed_s in (0, 1.9, 2.1):
        clock.advance(seconds=passed_s)
        mailbox.open("INBOX")

    assert server.asked == ['EXAMINE "INBOX"', 'EXAMINE "INBOX"', "NOOP", 'EXAMINE "INBOX"']


def test_a_kept_connection_that_turns_out_to_be_gone_is_replaced(start_imap, mailbox_at):
    server = start_imap()
    usual, faults = server.table["EXAMINE"][1], ["RESET"]

    async def break_once(session, command) -> str:
        if faults:
            session.wire.play(faults.pop())
        return await usual(session, command)

    server.table["EXAMINE"] = ("login", break_once)
    mailbox = mailbox_at(server.port, limits=PATIENT_LIMITS)
    mailbox.folders()

    assert mailbox.open("INBOX").messages == 3

    assert server.connections == 2


@pytest.mark.parametrize("fault", ["HANG", "CLOSE", "RESET", b"* BYE idle too long\r\n", b"{tag} BAD\r\n"])
def test_a_connection_that_died_meanwhile_is_replaced(start_imap, mailbox_at, fault: bytes | str):
    server = start_imap(says={"NOOP": fault})
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    assert mailbox.open("INBOX").messages == 3

    assert server.connections == 2


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (b"NO [AUTHENTICATIONFAILED] Invalid credentials", ProviderDenied),
        (b"NO [AUTHENTICATIONFAILED] Too many failed logins", ProviderDenied),
        (b"NO [LIMIT] Too many simultaneous connections", ProviderThrottled),
        (b"NO [UNAVAILABLE] try again later", ProviderThrottled),
    ],
    ids=["denied", "denied too often", "limit", "unavailable"],
)
def test_a_refused_login_differs_from_an_overloaded_server(start_imap, mailbox_at, words: bytes, error: type):
    mailbox = mailbox_at(start_imap(says={"AUTHENTICATE": b"{tag} " + words + b"\r\n"}).port)

    with pytest.raises(error) as raised:
        mailbox.open("INBOX")

    assert type(raised.value) is error


def test_a_password_that_the_server_repeats_stays_out_of_the_error(start_imap, mailbox_at):
    says = {"AUTHENTICATE": f"{{tag}} NO no such password {PASSWORD}\r\n".encode()}
    mailbox = mailbox_at(start_imap(says=says).port)

    with pytest.raises(ProviderDenied) as raised:
        mailbox.open("INBOX")

    assert PASSWORD not in str(raised.value) + repr(vars(raised.value))


@pytest.mark.parametrize("missing", ["UIDVALIDITY", "UIDNEXT"])
def test_a_folder_without_uids_cannot_be_synced(start_imap, mailbox_at, missing: str):
    kept = {"UIDVALIDITY": b"* OK [UIDVALIDITY 7] ok\r\n", "UIDNEXT": b"* OK [UIDNEXT 10] ok\r\n"}
    del kept[missing]
    answer = b"* 3 EXISTS\r\n" + b"".join(kept.values()) + b"{tag} OK done\r\n"

    with pytest.raises(ProviderRejected, match=missing):
        mailbox_at(start_imap(says={"EXAMINE": answer}).port).open("INBOX")


def test_a_server_that_drips_is_left_when_its_time_is_over(mailbox_at, server_context: ssl.SSLContext):
    def serve(connection):
        secured = server.secure(connection, server_context)
        secured.sendall(b"* OK ")
        while True:
            secured.sendall(b"x")

    with TcpServer(serve) as server:
        clock = TickingClock(0.5)
        limits = replace(TIGHT_LIMITS, answer_timeout_s=10)
        check = mailbox_at(server.port, limits=limits, clock=clock).check()

    assert check.error == "Connection timeout"
    assert server.bytes_received < 40  # one tick of the clock for each


@pytest.mark.parametrize(
    ("script", "may_pass"),
    [({"greeting": "HANG"}, True), ({"says": {"AUTHENTICATE": b"{tag} NO wrong\r\n"}}, False)],
    ids=["outage", "wrong_password"],
)
def test_the_check_tells_an_outage_from_a_refusal(start_imap, mailbox_at, script: dict, may_pass: bool):
    assert mailbox_at(start_imap(**script).port).check().may_pass == may_pass


@pytest.mark.parametrize(
    ("capabilities", "greeting", "asked"),
    [
        (ZOHO_CAPABILITIES, b"* OK ready\r\n", ["CAPABILITY", "AUTHENTICATE PLAIN"]),
        ("IMAP4rev1 AUTH=PLAIN", b"* OK ready\r\n", ["CAPABILITY", "AUTHENTICATE PLAIN"]),
        (ZOHO_CAPABILITIES, b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n", ["AUTHENTICATE PLAIN"]),
    ],
    ids=["at_once", "when_asked", "greeting"],
)
def test_a_login_takes_as_few_turns_as_the_server_allows(
    start_imap, mailbox_at, capabilities: str, greeting: bytes, asked: list[str]
):
    server = start_imap(capabilities=capabilities, greeting=greeting)

    mailbox_at(server.port).open("INBOX")

    assert server.commands == [*asked, 'EXAMINE "INBOX"']


def test_what_a_server_can_after_the_login_is_asked_where_it_does_not_say_so(start_imap, mailbox_at):
    async def log_in(session, command) -> str:
        session.log_in(USERNAME, PASSWORD)
        return "OK welcome"

    server = start_imap()
    server.table["AUTHENTICATE"] = ("nothing", log_in)

    mailbox_at(server.port).open("INBOX")

    assert server.commands == ["CAPABILITY", "AUTHENTICATE PLAIN", "CAPABILITY", 'EXAMINE "INBOX"']


def test_a_server_that_lets_anybody_in_is_not_believed(start_imap, mailbox_at):
    server = start_imap(greeting=b"* PREAUTH welcome\r\n")

    assert "before it knew who we are" in mailbox_at(server.port).check().error
    assert server.commands == []
