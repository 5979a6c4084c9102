"""Mailboxes of two organizations, polled side by side for an hour of simulated time.

The timer ticks each minute, a queue with delays gives its items to any worker that is free, and polls take time. The
leases and due times are the database's, whose clock is simulated, too.
"""

import itertools
import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from banxway.errors import ProviderTimeout
from banxway.models.integrations.credentials import MailServer
from banxway.models.mail import FolderState
from banxway.models.queue_items import MailboxesDue
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.product.fake_mailbox import FakeMailbox
from tests.support.product.fakes import refused
from tests.support.timing.database_clock import DatabaseClock
from tests.support.timing.failpoints import Killed
from tests.support.timing.simulation import Simulation

HOUR_S, QUARTER_S = 3600, 900
TICK_S = 60
WORKERS = 5
"""As many workers as template.yaml lets poll at once."""

INTERVALS_S = {"one": [10, 10, 20], "two": [10, 30]}
"""The intervals of each organization's mailboxes; 10 s is the shortest that an account may have."""

SHARE_S, LEASE_S = 8.0, 90.0
"""How long a mailbox may delay the next one at its worker, and how long a dead worker keeps a mailbox."""

LATE_S = 3.0
"""A worker waits two seconds for the one that keeps a mailbox's connection, and delays are whole seconds."""


@dataclass
class Server:
    """One mailbox on its server: how long it takes to answer, when it was polled, and its connections."""

    interval_s: int
    answers_in_s: float = 0.2
    says: BaseException | None = None
    mailbox: FakeMailbox = field(default_factory=FakeMailbox)
    polls: list[float] = field(default_factory=list)
    polling: int = 0
    most_pollers: int = 0
    connections: int = 0
    most_connections: int = 0


class Connection:
    """A connection of one process to a mailbox."""

    def __init__(self, server: Server, simulation: Simulation) -> None:
        self._server = server
        self._simulation = simulation
        self._is_open = False

    def folders(self) -> list[FolderState]:
        server = self._server
        self._open()
        server.polls.append(self._simulation.seconds)
        server.polling += 1
        server.most_pollers = max(server.most_pollers, server.polling)
        self._simulation.sleep(server.answers_in_s)
        server.polling -= 1
        if server.says:
            raise server.says
        return server.mailbox.folders()

    def is_alive(self) -> bool:
        return self._is_open

    def close(self) -> None:
        if self._is_open:
            self._server.connections -= 1
        self._is_open = False

    def _open(self) -> None:
        if not self._is_open:
            self._server.connections += 1
            self._server.most_connections = max(self._server.most_connections, self._server.connections)
        self._is_open = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server.mailbox, name)


class Deployment:
    """A timer, a queue with delays, and workers that get one item each while they are free."""

    def __init__(self, product: Product, simulation: Simulation, stack: ExitStack) -> None:
        self.simulation = simulation
        self._product = product
        self._stack = stack
        self.servers: dict[str, Server] = {}
        # Any worker that is free, or the one that was busy last and keeps the connections.
        self.asks_any = True
        self._chance = random.Random(7)
        self._waiting: list[MailboxesDue] = []
        product.queues["mailbox"] = self._enqueue
        self._timer = self._process()
        self._free = [self._process() for _ in range(WORKERS)]

    def _process(self) -> Product:
        process = self._stack.enter_context(closing(self._product.twin(clock=self.simulation.clock)))
        process.app.infrastructure.providers = replace(
            process.app.infrastructure.providers, mailbox=self._connect
        )
        return process

    def _connect(self, server: MailServer) -> Connection:
        return Connection(self.servers[server.username], self.simulation)

    def _enqueue(self, item: MailboxesDue, delay_s: int = 0) -> None:
        self.simulation.at(self.simulation.seconds + delay_s, lambda: self._arrive(item))

    def _arrive(self, item: MailboxesDue) -> None:
        self._waiting.append(item)
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self._free:
            process = self._free.pop(self._chance.randrange(len(self._free)) if self.asks_any else -1)
            item = self._waiting.pop(0)
            self.simulation.at(self.simulation.seconds, partial(self._work, process, item))

    def _work(self, process: Product, item: MailboxesDue) -> None:
        try:
            process.app.email_sync.sync.poll_due(item)
        except Killed:
            process = self._process()
        self._free.append(process)
        self._hand_out()

    def run(self, seconds: float) -> None:
        def tick() -> None:
            while True:
                self._timer.app.email_sync.sync.enqueue_due()
                self.simulation.clock.sleep(TICK_S)

        self.simulation.at(0, tick)
        self.simulation.run_until(seconds)


@pytest.fixture
def deployment(
    product: Product, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    # Mailboxes that fall due together are polled in the order of their ids.
    ids = map(UUID, map("00000000-0000-4000-8000-{:012}".format, itertools.count(1)))
    monkeypatch.setattr("tests.support.product.builders.uuid4", lambda: next(ids))
    start = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
    product.close()
    with DatabaseClock.installed(product.database) as clock, ExitStack() as stack:
        simulation = Simulation(start, on_advance=clock.set)
        clock.set(start)
        made = Deployment(product, simulation, stack)
        organizations = {"one": organization, "two": product.database.add_organization("Other")}
        for name, intervals in INTERVALS_S.items():
            for number, interval_s in enumerate(intervals):
                address = f"desk{number}@{name}.example"
                made.servers[address] = Server(interval_s)
                product.add_mailbox(
                    organizations[name],
                    address,
                    poll_interval_ms=interval_s * 1000,
                    # The others fall due together.
                    next_poll_at=start + timedelta(seconds=25 if interval_s == 30 else 0),
                )
        yield made
        simulation.end()


def _late(deployment: Deployment, *, seconds: float, since: float = 0.0, by: float = LATE_S) -> list[str]:
    """Return the mailboxes that once were not polled within their interval, until the end of the simulation."""
    late = []
    for address, server in deployment.servers.items():
        polls = [since, *(moment for moment in server.polls if moment > since), seconds]
        longest = max(later - earlier for earlier, later in itertools.pairwise(polls))
        if longest > server.interval_s + by:
            late.append(f"{address}: {longest} s, every {server.interval_s} s")
    return late


def _most_pollers(deployment: Deployment) -> int:
    return max(server.most_pollers for server in deployment.servers.values())


def test_each_mailbox_is_polled_within_its_interval_and_by_one_worker_at_a_time(
    deployment: Deployment,
) -> None:
    deployment.run(HOUR_S)

    assert _late(deployment, seconds=HOUR_S) == []
    assert _most_pollers(deployment) == 1
    for server in deployment.servers.values():
        assert len(server.polls) == pytest.approx(HOUR_S / server.interval_s, abs=3)
        # One that waits, the one of a worker that waited for its keeper in vain, and rarely one that another
        # worker kept beyond its time and closes when it is asked the next time.
        assert server.most_connections <= 3


def test_a_mailbox_that_takes_long_delays_those_behind_it_by_its_share_of_a_worker_at_most(
    deployment: Deployment,
) -> None:
    first = next(iter(deployment.servers.values()))
    first.answers_in_s = SHARE_S + 1

    deployment.run(QUARTER_S)

    assert _late(deployment, seconds=QUARTER_S, by=SHARE_S + 1 + LATE_S) == []
    assert _most_pollers(deployment) == 1


def test_a_mailbox_whose_server_hangs_delays_nobody_once_that_is_known(deployment: Deployment) -> None:
    deployment.asks_any = False
    first, *others = deployment.servers.values()
    first.answers_in_s = 30.0
    first.says = refused(ProviderTimeout, "No answer", provider="imap", operation="list")

    deployment.run(QUARTER_S)

    known_at = first.polls[1]
    del deployment.servers[next(iter(deployment.servers))]
    assert _late(deployment, seconds=QUARTER_S, since=known_at) == []
    assert len(first.polls) > 3
    assert [server.most_pollers for server in (first, *others)] == [1] * 5


def test_a_worker_that_dies_holds_its_mailbox_for_no_longer_than_the_lease(deployment: Deployment) -> None:
    first = next(iter(deployment.servers.values()))
    first.says = Killed("in the middle of a poll")

    deployment.run(QUARTER_S)

    # Each poll kills another worker, and the next one comes when the lease has ended.
    gaps = [later - earlier for earlier, later in itertools.pairwise(first.polls)]
    assert len(gaps) > 3
    assert max(gaps) <= LEASE_S + first.interval_s + LATE_S
