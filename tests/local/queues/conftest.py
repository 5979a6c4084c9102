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
from tests.support.product.moto_aws import sqs_client
from tests.support.timing.waiting import PATIENCE_S

_SESSION = boto3.Session("test", "test", region_name="us-east-1")  # one: it reads the service's model once
_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=PATIENCE_S, read_timeout=PATIENCE_S)


class QueueTime:
    """The queues' time, which passes only when a test moves it."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms

    def let_pass(self, seconds: int) -> None:
        self.ms += 1000 * seconds

    def next_ms(self) -> int:
        """Return the time a millisecond later, as it is for moto, which shows a message only after its moment."""
        self.ms += 1
        return self.ms


class OwnQueues:
    """Our endpoint over a store in a folder, on an event loop in a thread."""

    def __init__(self, file: Path, clock_ms: Callable[[], int]) -> None:
        self._file = file
        self._clock_ms = clock_ms
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

    def forget_everything(self) -> None:
        """Be as if just made, for the next test: a server takes a tenth of a second to stop."""
        self._run(self._forget())

    async def _forget(self) -> None:
        for table in ("messages", "queues", "seen"):
            self.store._db.execute(f"DELETE FROM {table}")
        self.store._settings.clear()

    async def _start(self, listener: Any) -> None:
        self.store = Store(self._file, clock_ms=self._clock_ms)
        self._server = Server(Endpoint(QueueService(self.store), self.address), listener)
        await self._server.start()

    async def _stop(self) -> None:
        await self._server.stop()
        self.store.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


@pytest.fixture(scope="module")
def queue_time() -> QueueTime:
    """The time of both kinds of queues."""
    return QueueTime()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, queue_time: QueueTime) -> Iterator[OwnQueues]:
    """Our endpoint, served for all tests of a file."""
    queues = OwnQueues(tmp_path_factory.mktemp("served") / "queues.db", queue_time)
    yield queues
    queues.close()


@pytest.fixture
def own(served: OwnQueues) -> OwnQueues:
    """Our queues; none exists yet."""
    served.forget_everything()
    return served


@pytest.fixture
def sqs(own: OwnQueues) -> Any:
    """A boto3 client of our queues."""
    return own.client()


@pytest.fixture
def moto(queue_time: QueueTime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A boto3 client of moto, in this process, and on the same time."""
    from moto.sqs import models

    monkeypatch.setattr(models, "unix_time", lambda: queue_time.next_ms() / 1000)
    monkeypatch.setattr(models, "unix_time_millis", lambda: float(queue_time.next_ms()))
    client = sqs_client()
    yield client
    for url in client.list_queues().get("QueueUrls", []):
        client.delete_queue(QueueUrl=url)


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
