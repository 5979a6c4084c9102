"""API Gateway's limits of time, shortened so that a test can see them."""

import asyncio
import threading
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from local.gateway.application import Application
from local.gateway.http import HttpApi, HttpLimits
from local.gateway.sockets import SocketLimits, Sockets
from local.refusal import CannotStart
from local.runtime.invocation import Invocation
from local.servers import Server, claim
from local.template import Cors, Route, SocketApi, Template
from tests.support.timing.waiting import PATIENCE_S


class EndlessFunctions:
    """Stands where the pool stands: no function ever answers."""

    async def invoke(self, _name: str, _event: Any, *, background: bool = False) -> Invocation:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
def serve():
    """Serves an application on a free port, in a thread, and returns the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    servers = []

    def serving(application: Any) -> int:
        listener = claim(0)
        server = Server(application, listener)
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE_S)
        servers.append(server)
        return int(listener.getsockname()[1])

    yield serving
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(PATIENCE_S)
    asyncio.run_coroutine_threadsafe(_end_what_never_answers(), loop).result(PATIENCE_S)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _end_what_never_answers() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def gateway(*, sockets: SocketLimits | None = None) -> Application:
    route = Route("GET", "/slow", "Slow")
    template = Template({}, (route,), Cors(), None, (), (), ())
    application = Application()
    application.http = HttpApi(template, EndlessFunctions(), limits=HttpLimits(answer_s=0.2))
    application.sockets = Sockets(
        SocketApi("live", "$request.body.action", {}), EndlessFunctions(), limits=sockets
    )
    application.socket_path = "/live"
    application.ready = True
    return application


def test_an_answer_that_takes_too_long_is_unavailable(serve):
    response = httpx.get(f"http://127.0.0.1:{serve(gateway())}/slow", timeout=PATIENCE_S)

    assert response.status_code == 503
    assert response.json() == {"message": "Service Unavailable"}


def test_nothing_is_answered_before_all_is_ready(serve):
    application = gateway()
    application.ready = False

    response = httpx.get(f"http://127.0.0.1:{serve(application)}/local/info", timeout=PATIENCE_S)

    assert response.status_code == 503


@pytest.mark.parametrize(
    "limits",
    [SocketLimits(idle_s=0.3), SocketLimits(lifetime_s=0.3)],
    ids=["idle", "lifetime"],
)
def test_a_connection_past_its_time_is_closed(serve, limits):
    port = serve(gateway(sockets=limits))

    with (
        connect(f"ws://127.0.0.1:{port}/live", open_timeout=PATIENCE_S, ping_interval=None) as socket,
        pytest.raises(ConnectionClosed) as end,
    ):
        socket.recv(timeout=PATIENCE_S)

    assert end.value.rcvd.code == 1001


def test_a_port_in_use_is_said_to_be():
    taken = claim(0)

    with pytest.raises(CannotStart, match=str(taken.getsockname()[1])):
        claim(taken.getsockname()[1])

    taken.close()
