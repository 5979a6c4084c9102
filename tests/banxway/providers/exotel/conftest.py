"""A scripted Exotel on loopback, and a client of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from banxway.providers.exotel.client import ExotelClient
from tests.support.clocks import SetClock
from tests.support.exotel_accounts import an_account
from tests.support.scripted_http import Reply, ScriptedHttp


@pytest.fixture
def exotel() -> Iterator[Callable[..., ScriptedHttp]]:
    """Start a server that plays the given replies."""
    with ExitStack() as stack:
        yield lambda *replies: stack.enter_context(ScriptedHttp(*replies))


@pytest.fixture
def client_of() -> Iterator[Callable[[str], ExotelClient]]:
    """Make a client, impatient enough for tests, of the Exotel at an address."""
    with ExitStack() as stack:

        def make(base_url: str) -> ExotelClient:
            client = ExotelClient(
                an_account(base_url), connect_timeout_s=2, read_timeout_s=0.5, clock=SetClock()
            )
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def scripted(
    exotel: Callable[..., ScriptedHttp], client_of: Callable[[str], ExotelClient]
) -> Callable[..., tuple[ExotelClient, ScriptedHttp]]:
    """Start a server that plays the given replies, and make a client of it."""

    def make(*replies: Reply) -> tuple[ExotelClient, ScriptedHttp]:
        server = exotel(*replies)
        return client_of(server.url), server

    return make
