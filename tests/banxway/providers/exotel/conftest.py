"""A scripted Exotel server on loopback, and clients for it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from banxway.clock import Clock
from banxway.providers.exotel.client import ExotelClient
from tests.support.ledger.exotel_accounts import an_account
from tests.support.servers.scripted_http import Reply, ScriptedHttp
from tests.support.timing.clocks import SetClock


@pytest.fixture
def exotel() -> Iterator[Callable[..., ScriptedHttp]]:
    """Start a server that plays the given replies."""
    with ExitStack() as stack:
        yield lambda *replies: stack.enter_context(ScriptedHttp(*replies))


@pytest.fixture
def client_of() -> Iterator[Callable[..., ExotelClient]]:
    """Return a client of the Exotel at an address, with long timeouts, so that a busy machine fails no test."""
    with ExitStack() as stack:

        def make(base_url: str, *, read_timeout_s: float = 60, clock: Clock | None = None) -> ExotelClient:
            client = ExotelClient(
                an_account(base_url),
                connect_timeout_s=60,
                read_timeout_s=read_timeout_s,
                clock=clock or SetClock(),
            )
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def scripted(
    exotel: Callable[..., ScriptedHttp], client_of: Callable[..., ExotelClient]
) -> Callable[..., tuple[ExotelClient, ScriptedHttp]]:
    """Start a server that plays the given replies, and return a client, with short timeouts if a reply is silence."""

    def make(*replies: Reply) -> tuple[ExotelClient, ScriptedHttp]:
        server = exotel(*replies)
        stays_silent = any(isinstance(reply, Reply) and reply.then == "hang" for reply in replies)
        return client_of(server.url, read_timeout_s=0.2 if stays_silent else 60), server

    return make
