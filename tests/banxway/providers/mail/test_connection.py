import socket
import ssl
import tracemalloc

import pytest

from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.errors import ProviderDenied, ProviderThrottled, ProviderUnavailable, ValidationFailed
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.transport import (
    AnswerTooLarge,
    GuardedReader,
    MailErrors,
    message_for_test,
    refuse_control_characters,
)
from banxway.reasons import Reason
from tests.support.timing.clocks import SetClock


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def a_reader(
    sock: socket.socket,
    *,
    max_bytes: int = 1000,
    max_lines: int = 10,
    read_timeout_s: float = 60,
    clock: Clock = SYSTEM_CLOCK,
) -> GuardedReader:
    reader = GuardedReader(sock, max_line_bytes=100, read_timeout_s=read_timeout_s, clock=clock)
    reader.begin(max_bytes=max_bytes, max_lines=max_lines, seconds=60)
    return reader


def test_lines_and_blocks_are_read_in_turn_however_they_arrive(pair):
    ours, theirs = pair
    theirs.sendall(b"one\r\ntwo\r\nabc")
    reader = a_reader(ours)

    assert reader.readline() == b"one\r\n"
    assert reader.readline() == b"two\r\n"
    theirs.sendall(b"defghi\r\nlast")
    assert reader.read(6) == b"abcdef"
    assert reader.readline() == b"ghi\r\n"
    theirs.close()
    assert reader.readline() == b"last"
    assert reader.readline() == b""


def test_a_block_that_ends_early_is_no_block(pair):
    ours, theirs = pair
    theirs.sendall(b"abc")
    theirs.close()

    with pytest.raises(OSError, match="in the middle"):
        a_reader(ours).read(4)


def test_a_block_larger_than_the_budget_is_refused_before_it_is_read(pair):
    with pytest.raises(AnswerTooLarge, match="announced"):
        a_reader(pair[0], max_bytes=10).read(4_294_967_296)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"x" * 101, "long a line"),
        (b"x\n" * 20, "too many lines"),
        (b"x" * 50 + b"\n" + b"y" * 2000, "too much"),
    ],
    ids=["line", "lines", "bytes"],
)
def test_more_than_the_budget_is_not_read(pair, sent: bytes, words: str):
    ours, theirs = pair
    theirs.sendall(sent)
    reader = a_reader(ours)

    with pytest.raises(AnswerTooLarge, match=words):
        for _ in range(100):
            reader.readline()


def test_silence_and_a_passed_deadline_are_time_outs(pair):
    silent = a_reader(pair[0], read_timeout_s=0.05)
    with pytest.raises(TimeoutError):
        silent.readline()

    clock = SetClock()
    late = a_reader(pair[0], clock=clock)
    pair[1].sendall(b"too late\r\n")
    clock.advance(seconds=60)
    with pytest.raises(TimeoutError):
        late.readline()


def test_no_wait_is_longer_than_the_time_that_is_left(pair):
    ours, theirs = pair
    clock = SetClock()
    reader = a_reader(ours, clock=clock)
    clock.advance(seconds=55)
    theirs.sendall(b"in time\r\n")

    reader.readline()

    assert ours.gettimeout() == 5


def test_room_for_a_large_block_is_made_as_it_comes(pair):
    ours, theirs = pair
    theirs.close()
    reader = a_reader(ours, max_bytes=100_000_000)
    tracemalloc.start()

    with pytest.raises(OSError, match="in the middle"):
        reader.read(100_000_000)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b", "\r\n"])
def test_what_could_end_a_command_is_refused_by_name(text: str):
    with pytest.raises(ValidationFailed) as raised:
        refuse_control_characters("folder", text)

    assert raised.value.details["field"] == "folder"


def test_everything_else_passes_unchanged():
    assert refuse_control_characters("folder", 'Entwürfe\t{}"\\') == 'Entwürfe\t{}"\\'


FACTS = {"provider": "mail", "operation": "smtp_check"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ProviderThrottled("421 4.7.0 Too many connections", reason=Reason.TOO_MANY_CONNECTIONS, **FACTS),
            "Rate limit: wait 1 minute, then test again (421 4.7.0 Too many connections)",
        ),
        (
            ProviderThrottled("450 later", reason=Reason.RATE_LIMITED, **FACTS),
            "Rate limit: wait 1 minute, then test again (450 later)",
        ),
        (
            ProviderThrottled(
                "432 4.7.12 a password change is needed", reason=Reason.SERVER_REFUSED, **FACTS
            ),
            None,
        ),
        (ProviderDenied("Invalid login: 535 Authentication Failed", **FACTS), None),
        (ProviderUnavailable("Connection timeout", **FACTS), None),
    ],
    ids=["too many", "a limit", "another 4xx", "refused", "no answer"],
)
def test_a_test_that_meets_a_limit_says_how_long_to_wait(error, words):
    assert message_for_test(error) == (words or error.message)


@pytest.mark.parametrize(
    ("protocol", "hint"),
    [("smtp", "use 587 for STARTTLS, 465 for SSL"), ("imap", "use 143 for STARTTLS, 993 for SSL")],
)
def test_a_tls_error_hints_at_the_ports(protocol, hint):
    server = MailServer("mail.example.test", 587, "implicit", "support@example.test", "secret")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"220 mx.example.test ready\r\n")
        with pytest.raises(ssl.SSLError) as failed:
            ssl.create_default_context().wrap_socket(ours, server_hostname="mail.example.test")

    error = MailErrors(server, protocol).unreachable(failed.value, "check")

    assert error.message.startswith("TLS Error: ")
    assert error.message.endswith(f"(port mismatch? {hint})")
