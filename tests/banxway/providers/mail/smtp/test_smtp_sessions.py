"""SMTP to several recipients, and over connections that are kept, slow or broken."""

import email
from collections.abc import Callable
from email.policy import default

import pytest

from banxway.errors import (
    OutcomeUnknown,
    ProviderBlocked,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    ValidationFailed,
)
from banxway.models.messages.outgoing import OutgoingAttachment
from tests.support.databases.relay import Relay
from tests.support.servers.smtp_server import ScriptedSmtp, outgoing_mail
from tests.support.timing.clocks import SetClock

Start = Callable[..., ScriptedSmtp]


# Several recipients: all or none.


def _named(server: ScriptedSmtp) -> list[str]:
    return [c[9:-1] for c in server.commands if c.lower().startswith("rcpt")]


def test_everybody_is_named_once_and_a_blind_copy_only_in_the_envelope(start_smtp: Start, sender_at):
    server = start_smtp()
    mail = outgoing_mail(
        cc=("ravi@example.org", "asha@example.org"), bcc=("hidden@example.org", "ravi@example.org")
    )

    sender_at(server.port).send(mail)

    assert _named(server) == ["asha@example.org", "ravi@example.org", "hidden@example.org"]
    (raw,) = server.mails
    assert b"hidden" not in raw
    assert b"Cc: ravi@example.org,\r\n asha@example.org\r\n" in raw


@pytest.mark.parametrize(
    ("answers", "error", "named"),
    [
        ({"ravi": "550 5.1.1 User unknown"}, ProviderRejected, ["ravi"]),
        ({"ravi": "550 5.1.1 no", "mina": "550 5.1.1 no"}, ProviderRejected, ["ravi", "mina"]),
        ({"ravi": "451 4.7.1 greylisted"}, ProviderThrottled, ["ravi"]),
        ({"ravi": "451 4.7.1 greylisted", "mina": "550 5.1.1 no"}, ProviderRejected, ["mina"]),
        ({"ravi": "550 5.1.1 no", "mina": "550 5.4.6 unusual"}, ProviderBlocked, ["ravi", "mina"]),
    ],
    ids=["one", "two", "one for now", "one for now and one for good", "the account"],
)
def test_one_refused_recipient_of_several_means_that_nobody_gets_the_mail(
    start_smtp: Start, sender_at, answers: dict[str, str], error: type, named: list[str]
):
    server = start_smtp(**{f"rcpt to:<{name}@example.org>": reply for name, reply in answers.items()})

    with pytest.raises(error) as raised:
        sender_at(server.port).send(outgoing_mail(cc=("ravi@example.org", "mina@example.org")))

    assert type(raised.value) is error
    assert server.mails == []
    assert "DATA" not in [command.upper() for command in server.commands]
    assert [name for name in ("asha", "ravi", "mina") if f"{name}@" in raised.value.message] == named


@pytest.mark.parametrize("field", ["cc", "bcc"])
@pytest.mark.parametrize("address", ["a@b.example>\r\nRCPT TO:<eve@evil.example", "a@b\0", "a@b> SIZE=1"])
def test_no_copy_smuggles_a_command(start_smtp: Start, sender_at, field: str, address: str):
    server = start_smtp()

    with pytest.raises(ValidationFailed) as raised:
        sender_at(server.port).send(outgoing_mail(**{field: ("ravi@example.org", address)}))

    assert raised.value.details["field"] == field
    assert server.commands == []


@pytest.mark.parametrize(("announced", "is_taken"), [("SIZE 1000", False), ("SIZE 0", True), ("SIZE", True)])
def test_a_mail_beyond_the_announced_size_is_not_even_offered(
    start_smtp: Start, sender_at, announced: str, is_taken: bool
):
    server = start_smtp(EHLO=f"250-smtp\r\n{{starttls}}250-{announced}\r\n250 AUTH PLAIN")
    mail = outgoing_mail(attachments=(OutgoingAttachment("a.bin", "application/octet-stream", b"x" * 3000),))
    sender = sender_at(server.port)

    if is_taken:
        sender.send(mail)
    else:
        with pytest.raises(ProviderRejected, match="accepts at most 1000") as raised:
            sender.send(mail)
        assert raised.value.provider_code == "5.3.4"
    assert any(command.lower().startswith("mail") for command in server.commands) == is_taken


def test_a_mail_of_several_megabytes_arrives_whole(start_smtp: Start, sender_at):
    server = start_smtp(EHLO="250-smtp\r\n{starttls}250 AUTH PLAIN")
    content = b"0123456789abcde\n" * 150_000
    mail = outgoing_mail(attachments=(OutgoingAttachment("a.bin", "application/octet-stream", content),))

    sender_at(server.port).send(mail)

    (part,) = email.message_from_bytes(server.mails[0], policy=default).iter_attachments()
    assert part.get_content() == content


# One connection for consecutive mails, if a failure on it proves the same as on a new one.


def _logins(server: ScriptedSmtp) -> int:
    return sum(command.startswith("AUTH") for command in server.commands)


def test_consecutive_mails_share_a_connection(start_smtp: Start, sender_at):
    server = start_smtp()
    sender = sender_at(server.port)

    for number in range(3):
        sender.send(outgoing_mail(message_id=f"<m{number}@banxway.example>"))
    sender.close()

    assert (len(server.mails), _logins(server)) == (3, 1)
    assert server.commands[-1].upper() == "QUIT"


@pytest.mark.parametrize("fault", ["RESET", "CLOSE", "HANG", "421 4.4.2 idle for too long", "garbage"])
def test_a_kept_connection_that_died_is_replaced_before_the_mail_is_offered(
    start_smtp: Start, sender_at, fault: str
):
    server = start_smtp(RSET=fault)
    sender = sender_at(server.port)

    sender.send(outgoing_mail())
    sender.send(outgoing_mail(message_id="<m2@banxway.example>"))

    assert (len(server.mails), _logins(server), server.connections) == (2, 2, 2)


@pytest.mark.parametrize(
    ("verb", "reply", "error"),
    [
        ("MAIL", "RESET", ProviderUnavailable),
        ("DATA", "CLOSE", ProviderUnavailable),
        ("RCPT", "452 4.3.1 later", ProviderThrottled),
        ("END", "RESET", OutcomeUnknown),
        ("END", "550 5.7.1 no", ProviderRejected),
    ],
    ids=["reset at MAIL", "closed at DATA", "throttled", "cut after the dot", "refused"],
)
def test_a_failure_on_a_kept_connection_proves_what_it_proves_on_a_fresh_one(
    start_smtp: Start, sender_at, verb: str, reply: str, error: type
):
    usual = {"MAIL": "250 ok", "DATA": "354 go", "RCPT": "250 ok", "END": "250 taken"}[verb]
    server = start_smtp(**{verb: [usual, reply, usual]})
    sender = sender_at(server.port)
    sender.send(outgoing_mail())

    with pytest.raises(error) as raised:
        sender.send(outgoing_mail(message_id="<m2@banxway.example>"))
    sender.send(outgoing_mail(message_id="<m3@banxway.example>"))

    assert type(raised.value) is error
    assert len(server.mails) == (3 if verb == "END" else 2)
    assert server.connections == 2


def test_a_connection_carries_a_bounded_number_of_mails(start_smtp: Start, sender_at):
    server = start_smtp()
    sender = sender_at(server.port)

    for number in range(25):
        sender.send(outgoing_mail(message_id=f"<m{number}@banxway.example>"))

    assert (len(server.mails), _logins(server)) == (25, 2)


# Connections that break, and slow ones.


@pytest.mark.parametrize(
    ("fault", "errors", "taken"),
    [
        ("nothing", (), 1),
        ("answer to the dot lost", (OutcomeUnknown,), 1),
        # Nobody can know whether the final dot was sent when the connection broke; before it, nothing was accepted.
        ("cut within the mail", (OutcomeUnknown, ProviderUnavailable), 0),
    ],
)
def test_over_a_way_that_breaks_a_mail_is_taken_once_or_not_at_all(
    start_smtp: Start, sender_at, fault: str, errors: tuple[type, ...], taken: int
):
    server = start_smtp()
    with Relay(("127.0.0.1", server.port)) as relay:
        if fault == "cut within the mail":
            relay.to_server.cut_after = 6000
        if fault == "answer to the dot lost":
            server.on_mail = relay.cut_all
        raised: list[type] = []
        try:
            sender_at(relay.port).send(outgoing_mail(text="A line of the mail\n" * 1000))
        except ProviderError as error:
            raised.append(type(error))

    assert raised == [] if not errors else raised[0] in errors
    assert len(server.mails) == taken


def test_a_server_that_answers_each_word_late_is_left_in_time_for_the_lease(start_smtp: Start, sender_at):
    clock = SetClock()
    server = start_smtp()
    server.on_command = lambda: clock.advance(seconds=10)
    recipients = tuple(f"person{number}@example.org" for number in range(100))

    with pytest.raises(ProviderUnavailable):
        sender_at(server.port, clock=clock).send(outgoing_mail(bcc=recipients))

    assert server.mails == []
    assert len(_named(server)) < 25  # ten seconds each, of the 240 seconds for all


def test_after_the_last_dot_the_server_has_its_whole_time(start_smtp: Start, sender_at):
    clock = SetClock()
    server = start_smtp(
        END="250-2.0.0 taken\r\n250 2.0.0 thanks"
    )  # two lines, so that the clock is read between
    server.on_command = lambda: clock.advance(seconds=30)  # seven commands, of 240 seconds for all
    server.on_mail = lambda: clock.advance(seconds=100)

    sender_at(server.port, clock=clock).send(outgoing_mail())

    assert len(server.mails) == 1


def test_a_connection_kept_too_long_is_not_used_again(start_smtp: Start, sender_at):
    clock = SetClock()
    server = start_smtp()
    sender = sender_at(server.port, clock=clock)

    for number, passed_s in enumerate((0, 19, 20)):
        clock.advance(seconds=passed_s)
        sender.send(outgoing_mail(message_id=f"<m{number}@banxway.example>"))

    assert (len(server.mails), server.connections) == (3, 2)
