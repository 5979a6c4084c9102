import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from banxway.errors import (
    HostRefused,
    ProviderDenied,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    ProviderUnavailable,
    ValidationFailed,
)
from banxway.models.credentials import MailServer
from banxway.providers.mail.imap import ImapMailbox
from banxway.providers.mail.imap_session import ImapLimits
from tests.banxway.providers.contracts.mailbox import MAILS, MailboxContract
from tests.support.certificates import TestAuthority
from tests.support.imap_server import PASSWORD, USERNAME, ZOHO_CAPABILITIES, Script, ScriptedImap
from tests.support.tcp_server import TcpServer, dial_loopback, refused_port

HOST = "mail.example.test"
LIMITS = ImapLimits(
    connect_timeout_s=1,
    answer_timeout_s=2,
    silence_timeout_s=0.5,
    liveness_timeout_s=0.3,
    max_literal_bytes=100_000,
    max_lines=2000,
    batch_bytes=10_000,
    batch_messages=5,
)


@pytest.fixture
def start(server_context: ssl.SSLContext) -> Iterator[Callable[..., ScriptedImap]]:
    with ExitStack() as stack:
        yield lambda context=server_context, **script: stack.enter_context(
            ScriptedImap(context, Script(**{"mails": MAILS} | script))
        )


@pytest.fixture
def mailbox_at(trusting: ssl.SSLContext) -> Iterator[Callable[..., ImapMailbox]]:
    with ExitStack() as stack:

        def make(
            port: int, *, tls: str = "implicit", limits: ImapLimits = LIMITS, **login: str
        ) -> ImapMailbox:
            credentials = {"username": USERNAME, "password": PASSWORD} | login
            mailbox = ImapMailbox(
                MailServer(HOST, port, tls, **credentials),
                connect=dial_loopback(port),
                tls=trusting,
                limits=limits,
            )
            stack.callback(mailbox.close)
            return mailbox

        yield make


class TestContract(MailboxContract):
    @pytest.fixture
    def mailbox_of(self, start, mailbox_at):
        return lambda mails: mailbox_at(start(mails=mails).port)


def test_reading_never_changes_the_mailbox(start, mailbox_at):
    server = start()
    mailbox = mailbox_at(server.port)

    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    list(mailbox.fetch([3, 5]))

    assert [
        command for command in server.commands if not command.startswith(("CAPABILITY", "AUTHENTICATE"))
    ] == [
        'EXAMINE "INBOX"',
        "UID FETCH 1:* (UID RFC822.SIZE)",
        "UID FETCH 3,5 (UID INTERNALDATE BODY.PEEK[])",
    ]


def test_the_arrival_time_is_utc(start, mailbox_at):
    mailbox = mailbox_at(start().port)
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
    start, mailbox_at, tls: str, capabilities: str, verb: str
):
    server = start(is_implicit=tls == "implicit", capabilities=capabilities)

    assert mailbox_at(server.port, tls=tls).check().success

    assert verb in server.commands
    assert server.spoken_in_the_clear in ([], ["CAPABILITY", "STARTTLS"])


def test_a_server_without_sasl_is_given_quoted_words(start, mailbox_at):
    server = start(capabilities="IMAP4rev1")

    mailbox_at(server.port, username='a"b', password="c\\d").check()

    assert 'LOGIN "a\\"b" "c\\\\d"' in server.commands


@pytest.mark.parametrize(
    ("script", "login", "error"),
    [
        ({}, {"password": "wrong"}, "Invalid login: [AUTHENTICATIONFAILED] Invalid credentials"),
        (
            {"says": {"AUTHENTICATE": b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials(Failure)\r\n"}},
            {},
            "Invalid login: [AUTHENTICATIONFAILED] Invalid credentials(Failure)",
        ),
        (
            {"capabilities": "IMAP4rev1 LOGINDISABLED"},
            {},
            "Invalid login: the server offers no login that we know",
        ),
        (
            {"says": {"AUTHENTICATE": b"{tag} NO Maximum connections exceeded\r\n"}},
            {},
            "Maximum connections exceeded",
        ),
        ({"says": {"AUTHENTICATE": b"* BYE Too many connections\r\n"}}, {}, "Too many connections"),
        ({"greeting": "HANG"}, {}, "Connection timeout"),
        ({"greeting": "CLOSE"}, {}, "Connection closed by the server"),
        ({"greeting": "RESET"}, {}, "Connection closed by the server"),
        ({"greeting": b"* BYE overloaded\r\n"}, {}, "overloaded"),
        ({"greeting": b"220 smtp.example.test\r\n"}, {}, "Connection closed by the server"),
        ({"says": {"LIST": "HANG"}}, {}, "Connection timeout"),
    ],
    ids=[
        "wrong_password",
        "zoho",
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
    start, mailbox_at, script: dict, login: dict, error: str
):
    server = start(**script)

    check = mailbox_at(server.port, **login).check()

    assert (check.success, check.error) == (False, error)
    assert (check.host, check.port, check.secure) == (HOST, server.port, True)
    assert (check.mailbox_count, check.unread_count) == (None, None)


def test_the_check_counts_only_folders_that_can_be_opened(start, mailbox_at):
    literal = (
        b'* LIST (\\Sent) "/" {4}\r\nSent\r\n* LIST () "/" "INBOX"\r\n'
        b'* LIST (\\NonExistent) "/" x\r\n{tag} OK done\r\n'
    )

    check = mailbox_at(start(says={"LIST": literal}).port).check()

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
    start, mailbox_at, authority: TestAuthority, tmp_path, tls: str, fault: str
):
    contexts = {
        "name": lambda: authority.server_context("other.example.test"),
        "expired": lambda: authority.server_context(HOST, is_expired=True),
        "stranger": lambda: TestAuthority(tmp_path).server_context(HOST),
    }
    server = start(contexts[fault](), is_implicit=tls == "implicit")

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
def test_without_tls_nothing_is_said(start, mailbox_at, script: dict):
    server = start(is_implicit=False, **script)

    check = mailbox_at(server.port, tls="starttls").check()

    assert check.error.startswith("TLS Error: ")
    assert {command.split()[0] for command in server.commands} <= {"CAPABILITY", "STARTTLS"}


def test_what_was_said_before_tls_counts_for_nothing(mailbox_at, server_context: ssl.SSLContext):
    def serve(connection):
        connection.sendall(b"* OK hi\r\n")
        tag = connection.recv(1000).split()[0]
        connection.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")
        tag = connection.recv(1000).split()[0]
        # A man in the middle adds an answer of his own to the last one in the clear.
        connection.sendall(tag + b" OK done\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
        secured = server.secure(connection, server_context)
        tag = secured.recv(1000).split()[0]
        secured.sendall(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n" + tag + b" OK done\r\n")

    with TcpServer(serve) as server:
        check = mailbox_at(server.port, tls="starttls").check()

    assert check.error == "Invalid login: the server offers no login that we know"


@pytest.mark.parametrize("folder", ["INBOX\r\nA1 DELETE x", "INBOX\n", "a\0b", "a\rb"])
def test_no_folder_name_smuggles_a_command(start, mailbox_at, folder: str):
    server = start()

    with pytest.raises(ValidationFailed):
        mailbox_at(server.port).open(folder)

    assert server.commands == []


@pytest.mark.parametrize("field", ["username", "password"])
def test_no_credential_smuggles_a_command(start, mailbox_at, field: str):
    server = start(capabilities="IMAP4rev1")

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
def test_a_folders_name_is_written_as_servers_expect_it(start, mailbox_at, folder: str, argument: str):
    server = start()

    with pytest.raises(ProviderRejected):
        mailbox_at(server.port).open(folder)

    assert server.commands[-1] == f"EXAMINE {argument}"


def test_batches_respect_bytes_and_count_and_name_runs_as_ranges(start, mailbox_at):
    mails = {uid: b"x" * size for uid, size in zip(range(1, 14), [10] * 7 + [4000] * 6, strict=True)}
    server = start(mails=mails)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    found = {mail.uid: mail.raw for mail in mailbox.fetch([*range(1, 4), *range(5, 14)])}

    assert found == {uid: raw for uid, raw in mails.items() if uid != 4}
    assert [command.split()[2] for command in server.commands if "BODY" in command] == [
        "1:3,5:6",
        "7:9",
        "10:11",
        "12:13",
    ]


def test_a_kept_connection_is_used_again_while_it_answers(start, mailbox_at):
    server = start()
    mailbox = mailbox_at(server.port)

    for _ in range(3):
        mailbox.open("INBOX")

    assert server.connections == 1
    assert server.commands.count("NOOP") == 2


@pytest.mark.parametrize("fault", ["HANG", "CLOSE", "RESET", b"* BYE idle too long\r\n", b"{tag} BAD\r\n"])
def test_a_connection_that_died_meanwhile_is_replaced(start, mailbox_at, fault: bytes | str):
    server = start(says={"NOOP": fault})
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    assert mailbox.open("INBOX").messages == 3

    assert server.connections == 2


ANSWER_BYTES = sum(len(raw) for raw in MAILS.values()) + 150


@pytest.mark.parametrize(
    "length", [0, 1, 10, 40, 70, 71, 90, 100, 1000, 5000, ANSWER_BYTES, ANSWER_BYTES + 40]
)
def test_a_cut_at_any_byte_yields_whole_mails_or_none_and_the_rest_can_be_resumed(
    start, mailbox_at, length: int
):
    server = start(cut_fetch_after=length)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    found: dict[int, bytes] = {}

    with pytest.raises(ProviderUnavailable):
        found.update((mail.uid, mail.raw) for mail in mailbox.fetch(sorted(MAILS)))
    with pytest.raises(ProviderUnavailable, match="open a folder"):
        list(mailbox.fetch(sorted(MAILS)))
    server.script.cut_fetch_after = None
    mailbox.open("INBOX")
    found.update((mail.uid, mail.raw) for mail in mailbox.fetch([uid for uid in MAILS if uid not in found]))

    assert found == MAILS


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"* BYE shutting down\r\n", ProviderUnavailable),
        (b"{tag} NO server busy\r\n", ProviderUnavailable),
        (b"{tag} BAD syntax\r\n", ProviderUnavailable),
        ("HANG", ProviderTimeout),
        ("CLOSE", ProviderUnavailable),
        ("RESET", ProviderUnavailable),
        (b"* 1 FETCH (UID 3 BODY[] {4294967296}\r\n", ProviderRejected),
        (b"* 1 FETCH (UID 3 BODY[] {" + b"9" * 5000 + b"}\r\n", ProviderError),
        (b"* 1 FETCH (UID 3 BODY[] {100001}\r\n" + b"x" * 200_000, ProviderRejected),
        (b"* 1 FETCH (UID 3 BODY[] {100}\r\nshort", ProviderTimeout),
        (b"* " + b"x" * 1_000_000, ProviderRejected),
        (b"* 1 EXISTS\r\n" * 100_000, ProviderRejected),
        (
            b"* 1 FETCH (UID 3 BODY[] {90000}\r\n"
            + b"x" * 90_000
            + b")\r\n"
            + b"* 1 FETCH (BODY[] {90000}\r\n"
            + b"x" * 90_000
            + b")\r\n"
            + b"* 2 FETCH (BODY[] {90000}\r\n" * 20
            + b"y" * 2_000_000,
            ProviderError,
        ),
        (b"A999 OK not yours\r\n", ProviderError),
        (b"\r\n", ProviderUnavailable),
        (b"garbage\r\n", ProviderUnavailable),
        (b"\x00\xff\xfe\r\n", ProviderUnavailable),
        (b"* 1 FETCH (UID 3\n", ProviderUnavailable),
        (b"+ go on\r\n", ProviderTimeout),
    ],
    ids=[
        "bye",
        "no",
        "bad",
        "hang",
        "close",
        "reset",
        "literal_4g",
        "literal_digits",
        "literal_over",
        "literal_short",
        "endless_line",
        "endless_lines",
        "too_many_bodies",
        "foreign_tag",
        "empty",
        "garbage",
        "binary",
        "bare_lf",
        "plus",
    ],
)
def test_a_hostile_answer_to_a_fetch_costs_little_and_says_so(
    start, mailbox_at, answer: bytes | str, error: type
):
    mailbox = mailbox_at(start(says={"UID FETCH": answer}).port)
    mailbox.open("INBOX")

    with pytest.raises(error):
        list(mailbox.fetch([3, 5, 9]))


def test_a_server_that_drips_is_left_when_its_time_is_over(mailbox_at, server_context: ssl.SSLContext):
    def serve(connection):
        secured = server.secure(connection, server_context)
        secured.sendall(b"* OK ")
        while not server.stopping.wait(0.05):
            secured.sendall(b"x")

    with TcpServer(serve) as server:
        check = mailbox_at(server.port, limits=replace(LIMITS, answer_timeout_s=0.5)).check()

    assert check.error == "Connection timeout"


@pytest.mark.parametrize(
    ("answer", "mails"),
    [
        (b"* 1 FETCH (BODY[] {3}\r\nabc UID 3)\r\n{tag} OK done\r\n", {3: b"abc"}),
        (b'* 1 FETCH (UID 3 BODY[] "")\r\n{tag} OK done\r\n', {3: b""}),
        (b'* 1 FETCH (BODY[] "UID 9 \\"q\\"" UID 3)\r\n{tag} OK done\r\n', {3: b'UID 9 "q"'}),
        (b"* 1 FETCH (UID 3 BODY[] NIL)\r\n{tag} OK done\r\n", {}),
        (b"* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 3 BODY[] {0}\r\n)\r\n{tag} OK done\r\n", {3: b""}),
        (b"* 7 FETCH (UID 4 BODY[] {1}\r\nx)\r\n{tag} OK done\r\n", {}),
        (
            b"* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\nb)\r\n{tag} OK done\r\n",
            {3: b"a"},
        ),
        (b"* 1 FETCH (UID 3 X {2}\r\nno BODY[] {2}\r\nok)\r\n{tag} OK done\r\n", {3: b"ok"}),
        (b"{tag} OK done\r\n", {}),
    ],
    ids=[
        "uid_last",
        "quoted_empty",
        "quoted",
        "nil",
        "flags_between",
        "not_asked",
        "twice",
        "two_literals",
        "vanished",
    ],
)
def test_an_answer_is_read_in_any_shape_the_standard_allows(start, mailbox_at, answer: bytes, mails: dict):
    mailbox = mailbox_at(start(says={"UID FETCH": answer}).port)
    mailbox.open("INBOX")

    assert {mail.uid: mail.raw for mail in mailbox.fetch([3])} == mails


def test_a_mail_that_is_too_large_is_named_before_anything_is_fetched(start, mailbox_at):
    server = start(mails={1: b"x", 2: b"x" * 100_001})
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    with pytest.raises(ProviderRejected) as raised:
        list(mailbox.fetch([1, 2]))

    assert (raised.value.details["uid"], raised.value.details["limit_bytes"]) == (2, 100_000)
    assert not any("BODY" in command for command in server.commands)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (b"NO [AUTHENTICATIONFAILED] Invalid credentials", ProviderDenied),
        (b"NO [LIMIT] Too many simultaneous connections", ProviderThrottled),
        (b"NO [UNAVAILABLE] try again later", ProviderThrottled),
    ],
    ids=["denied", "limit", "unavailable"],
)
def test_a_refused_login_is_told_from_an_overloaded_server(start, mailbox_at, words: bytes, error: type):
    mailbox = mailbox_at(start(says={"AUTHENTICATE": b"{tag} " + words + b"\r\n"}).port)

    with pytest.raises(error) as raised:
        mailbox.open("INBOX")

    assert type(raised.value) is error


def test_a_password_that_the_server_repeats_stays_out_of_the_error(start, mailbox_at):
    says = {"AUTHENTICATE": f"{{tag}} NO no such password {PASSWORD}\r\n".encode()}
    mailbox = mailbox_at(start(says=says).port)

    with pytest.raises(ProviderDenied) as raised:
        mailbox.open("INBOX")

    assert PASSWORD not in str(raised.value) + repr(vars(raised.value))


@pytest.mark.parametrize("missing", ["UIDVALIDITY", "UIDNEXT"])
def test_a_folder_without_uids_cannot_be_synced(start, mailbox_at, missing: str):
    kept = {"UIDVALIDITY": b"* OK [UIDVALIDITY 7] ok\r\n", "UIDNEXT": b"* OK [UIDNEXT 10] ok\r\n"}
    del kept[missing]
    answer = b"* 3 EXISTS\r\n" + b"".join(kept.values()) + b"{tag} OK done\r\n"

    with pytest.raises(ProviderRejected, match=missing):
        mailbox_at(start(says={"EXAMINE": answer}).port).open("INBOX")
