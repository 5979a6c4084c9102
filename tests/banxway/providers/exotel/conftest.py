"""A scripted Exotel on loopback, and an account on it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from banxway.models.credentials import ExotelAccount
from banxway.providers.exotel.client import ExotelClient
from tests.support.clocks import SetClock
from tests.support.scripted_http import Reply, ScriptedHttp

API_KEY, API_TOKEN = "key-canary-41", "token-canary-42"


@pytest.fixture
def exotel() -> Iterator[Callable[..., ScriptedHttp]]:
    """Start a server that plays the given replies."""
    with ExitStack() as stack:
        yield lambda *replies: stack.enter_context(ScriptedHttp(*replies))


def an_account(base_url: str) -> ExotelAccount:
    return ExotelAccount("acme1", API_KEY, API_TOKEN, base_url)


@pytest.fixture
def client_of(exotel: Callable[..., ScriptedHttp]) -> Iterator[Callable[..., ExotelClient]]:
    """Make a client of a server that plays the given replies; the server is `client.server`."""
    clients = []

    def make(*replies: Reply) -> ExotelClient:
        server = exotel(*replies)
        client = ExotelClient(
            an_account(server.url), connect_timeout_s=1, read_timeout_s=0.4, clock=SetClock()
        )
        client.server = server
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
