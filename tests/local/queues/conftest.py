"""The same boto3 calls against our queues and, where moto is right, against moto."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.addresses import Addresses
from local.queues.endpoint import Endpoint
from local.queues.service import QueueService
from local.queues.store import Store
from local.servers import Server, claim

_SESSION = boto3.Session("test", "test", region_name="us-east-1")  # one: it reads the service's model once
_ONCE = Config(retries={"max_attempts": 1})


class OwnQueues:
    """Our endpoint over a store in a folder, on an event loop in a thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        listener = claim(0)
        self.address = Addresses(api="", sqs=f"http://127.0.0.1:{listener.getsockname()[1]}").sqs
        self._run(self._start(listener))

    def client(self) -> Any:
        return _SESSION.client("sqs", endpoint_url=self.address, config=_ONCE)

    def close(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self, listener: Any) -> None:
        self.store = Store(self._file)
        self._server = Server(Endpoint(QueueService(self.store), self.address), listener)
        await self._server.start()

    async def _stop(self) -> None:
        await self._server.stop()
        self.store.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnQueues]:
    """Our queues."""
    queues = OwnQueues(tmp_path / "queues.db")
    yield queues
    queues.close()


@pytest.fixture
def sqs(own: OwnQueues) -> Any:
    """A boto3 client of our queues."""
    return own.client()


@pytest.fixture
def moto() -> Iterator[Any]:
    """A boto3 client of moto, in this process."""
    from moto import mock_aws

    with mock_aws():  # reaches only sessions that are made inside it
        yield boto3.Session("test", "test", region_name="us-east-1").client("sqs", config=_ONCE)


@pytest.fixture(params=["sqs", "moto"], ids=["ours", "moto"])
def either(request: pytest.FixtureRequest) -> Any:
    """A boto3 client of ours, then of moto: both must satisfy the test."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def make_queue() -> Callable[..., str]:
    """Creates a queue and returns its URL."""

    def make(client: Any, *, name: str = "work", **attributes: str) -> str:
        name += ".fifo" if attributes.get("FifoQueue") == "true" else ""
        return str(client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    return make
