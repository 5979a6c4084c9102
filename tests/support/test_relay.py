"""The relay disturbs the connection to a server as asked, and in no other way."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.support.databases.relay import Relay, dial
from tests.support.servers.tcp_server import TcpServer
from tests.support.timing.clocks import SetClock
from tests.support.timing.waiting import PATIENCE_S, eventually


def _echo(connection: socket.socket) -> None:
    while chunk := connection.recv(65_536):
        connection.sendall(chunk)
    connection.shutdown(socket.SHUT_WR)


@pytest.fixture
def server() -> Iterator[TcpServer]:
    """A server that says back what it hears."""
    with TcpServer(_echo) as server:
        yield server


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def relay(server: TcpServer, clock: SetClock) -> Iterator[Relay]:
    with Relay(("127.0.0.1", server.port), clock=clock) as relay:
        yield relay


@pytest.fixture
def client(relay: Relay) -> Iterator[socket.socket]:
    with dial(("127.0.0.1", relay.port)) as client:
        client.settimeout(PATIENCE_S)
        yield client


def _hear(client: socket.socket, size: int) -> bytes:
    """Read a number of bytes, or fewer if the connection ends."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while len(heard) < size and (chunk := client.recv(size - len(heard))):
            heard += chunk
    return heard


def test_it_passes_everything_on_and_counts(relay: Relay, client: socket.socket) -> None:
    client.sendall(b"x" * 100_000)

    assert _hear(client, 100_000) == b"x" * 100_000
    assert (relay.to_server.passed, relay.to_client.passed, relay.accepted) == (100_000, 100_000, 1)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_it_cuts_after_a_number_of_bytes_towards_the_client(
    relay: Relay, client: socket.socket, size: int
) -> None:
    relay.to_client.cut_after = size
    client.sendall(b"0123456789")

    assert _hear(client, 10) == b"0123456789"[:size]


def test_it_cuts_after_a_number_of_bytes_towards_the_server(relay: Relay, client: socket.socket) -> None:
    relay.to_server.cut_after = 4
    client.sendall(b"0123456789")

    assert len(_hear(client, 10)) <= 4
    assert relay.to_server.passed == 4


def test_it_half_closes_and_lets_the_answer_through(relay: Relay, client: socket.socket) -> None:
    relay.to_server.half_close_after = 3
    client.sendall(b"0123456789")

    assert _hear(client, 10) == b"012"


def test_it_delays_what_it_passes_on(relay: Relay, client: socket.socket, clock: SetClock) -> None:
    relay.to_client.delay_s = 0.2
    client.sendall(b"slow")

    assert _hear(client, 4) == b"slow"
    assert clock.slept == [0.2]


def test_it_swallows_and_keeps_the_connection_open(relay: Relay, client: socket.socket) -> None:
    swallowed: list[bytes] = []
    relay.to_client.watch = swallowed.append
    relay.to_client.is_black_hole = True
    client.sendall(b"lost")
    eventually(lambda: b"".join(swallowed) == b"lost")

    # Nothing is on its way any more, so that no wait is long enough.
    client.settimeout(0.05)  # nothing comes: the relay has swallowed it
    with pytest.raises(TimeoutError):
        client.recv(4)

    client.settimeout(PATIENCE_S)
    relay.heal()
    client.sendall(b"back")
    assert _hear(client, 4) == b"back"


def test_it_rewrites_what_it_passes_on(relay: Relay, client: socket.socket) -> None:
    relay.to_client.rewrite = lambda chunk: chunk.replace(b"18.1", b"17.5")
    client.sendall(b"version 18.1")

    assert _hear(client, 12) == b"version 17.5"


def test_it_loses_the_answer_to_a_request_that_the_server_has_heard(
    relay: Relay, client: socket.socket
) -> None:
    relay.lose_answer_to(b"COMMIT")
    client.sendall(b"BEGIN")
    assert _hear(client, 5) == b"BEGIN"
    client.sendall(b"COMMIT")

    assert _hear(client, 6) == b""
    assert relay.lost_answers == 1
    assert relay.to_server.passed == len(b"BEGINCOMMIT")


def test_it_cuts_at_a_request(relay: Relay, client: socket.socket) -> None:
    relay.cut_at_request(2)
    client.sendall(b"one")
    assert _hear(client, 3) == b"one"
    client.sendall(b"two")

    assert _hear(client, 3) == b""
    assert relay.to_server.passed == 3


def test_it_refuses_and_accepts_again_on_the_same_port(relay: Relay, client: socket.socket) -> None:
    client.sendall(b"before")
    assert _hear(client, 6) == b"before"
    relay.refuse()
    with pytest.raises(ConnectionRefusedError):
        dial(("127.0.0.1", relay.port))
    client.sendall(b"still open")
    assert _hear(client, 10) == b"still open"

    relay.accept()
    with dial(("127.0.0.1", relay.port)) as again:
        again.sendall(b"after")
        assert _hear(again, 5) == b"after"


def test_it_cuts_what_is_open_and_heals(relay: Relay, client: socket.socket) -> None:
    client.sendall(b"here")
    assert _hear(client, 4) == b"here"
    relay.to_client.is_black_hole = True

    relay.cut_all()
    relay.heal()

    assert _hear(client, 1) == b""
    with dial(("127.0.0.1", relay.port)) as again:
        again.sendall(b"back")
        assert _hear(again, 4) == b"back"


def test_a_server_that_is_not_there_closes_the_connection(server: TcpServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with Relay(("127.0.0.1", port)) as relay, dial(("127.0.0.1", relay.port)) as client:
        assert _hear(client, 1) == b""
