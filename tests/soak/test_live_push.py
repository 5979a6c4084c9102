"""1,000 WebSockets and 30,000 changes of one organization, in 3,000 transactions: every socket hears of them all.

Each receives at most one frame per batch, in order. Another organization makes a change now and then, and its sockets
hear of it before the large one has come to its end.
"""

import hashlib
import itertools
import json
import resource
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest

from banxway.storage.database import Database
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange
from tests.support.gates.figures import Figures
from tests.support.running.company import Company
from tests.support.running.founding import be_patient, open_company
from tests.support.running.live import listening
from tests.support.running.runner import Runner, start_runner
from tests.support.timing.racing import Background
from tests.support.timing.waiting import eventually

pytestmark = pytest.mark.timeout(3600)

SOCKETS, TRANSACTIONS, EACH, WRITERS = 1_000, 3_000, 10, 2
CHANGES = TRANSACTIONS * EACH
NEIGHBOURS_SOCKETS, NEIGHBOURS_CHANGES = 5, 6
HANDLES = 4 * SOCKETS


class Writer:
    """Makes changes as services do: each transaction is followed by a notice."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.database = Database(runner.info["database"]["app_url"])

    def change(self, organization_id: UUID, count: int) -> None:
        pending = [PendingChange("message.created", None, None)] * count
        with self.database.organization(organization_id, timeout_ms=600_000) as transaction:
            changes.record_all(transaction, organization_id=organization_id, pending=pending)
        self._sqs.send_message(
            QueueUrl=self._runner.info["sqs"]["queues"]["ChangeQueue"],
            MessageBody=json.dumps({"organization_id": str(organization_id)}),
        )

    def close(self) -> None:
        self.database.close()

    @cached_property
    def _sqs(self) -> Any:
        return boto3.client(
            "sqs",
            endpoint_url=self._runner.info["sqs"]["url"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture
def handles() -> Iterator[None]:
    """Let this process, and the runner that it starts, open as many sockets as are needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= HANDLES, f"allow {HANDLES} open files: ulimit -Hn"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, HANDLES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def companies(handles: None, tmp_path: Path) -> Iterator[tuple[Company, Company]]:
    """A large company and its neighbour, at a runner that may open as many sockets as this process."""
    with start_runner(tmp_path / "state") as runner:
        be_patient(runner)
        with open_company(runner) as large, open_company(runner) as neighbour:
            yield large, neighbour


@contextmanager
def sockets_of(company: Company, count: int) -> Iterator[list[list[int]]]:
    """Open WebSockets with tickets that live as long as a busy machine needs."""
    tickets = [uuid4().hex for _ in range(count)]
    company.sql(
        """INSERT INTO realtime_tickets (ticket_sha256, organization_id, user_id, expires_at)
           SELECT hash, %s, %s, now() + interval '1 hour' FROM unnest(%s::bytea[]) AS hash RETURNING 1""",
        (company.id, company.agent.id, [hashlib.sha256(ticket.encode()).digest() for ticket in tickets]),
    )
    address = company.runner.info["websocket"]
    with listening([f"{address}?ticket={ticket}" for ticket in tickets]) as heard:
        yield heard


def test_a_thousand_sockets_drain_thirty_thousand_changes_and_delay_no_neighbour(
    companies: tuple[Company, Company], figures: Figures
) -> None:
    large, neighbour = companies
    with ExitStack() as stack:
        heard = stack.enter_context(sockets_of(large, SOCKETS))
        theirs = stack.enter_context(sockets_of(neighbour, NEIGHBOURS_SOCKETS))
        writers = [stack.enter_context(closing(Writer(large.runner))) for _ in range(WRITERS)]
        writing = [Background(lambda writer=writer: _write(writer, large.id)) for writer in writers]  # type: ignore[misc]  # bound now
        waited = [
            _neighbours_news(stack, large, neighbour, number, heard, theirs)
            for number in range(1, NEIGHBOURS_CHANGES + 1)
        ]
        for one in writing:
            one.result()
        looks = itertools.count(1)
        eventually(lambda: _is_drained(large, writers[0], heard, next(looks)))

    batches = {number for numbers in heard for number in numbers}
    assert all(numbers == sorted(set(numbers)) for numbers in heard)
    assert [numbers[-1] for numbers in theirs] == [NEIGHBOURS_CHANGES] * NEIGHBOURS_SOCKETS
    figures.show(
        batches=len(batches),
        frames=sum(map(len, heard)),
        frames_while_the_neighbour_waited=waited,
        missed=sum(len(batches) - len(numbers) for numbers in heard),
    )


def _is_drained(large: Company, writer: Writer, heard: list[list[int]], look: int) -> bool:
    """Return whether every socket has the newest number.

    On a busy machine a post may time out: such a socket has its frame with the next batch, which is made here.
    """
    (row,) = large.sql("SELECT current, pushed FROM change_sequences WHERE organization_id = %s", (large.id,))
    is_behind = any(numbers[-1:] != [row["current"]] for numbers in heard)
    if is_behind and row["current"] == row["pushed"] and look % 200 == 0:
        writer.change(large.id, 1)
    return not is_behind


def _write(writer: Writer, organization_id: UUID) -> None:
    for _ in range(TRANSACTIONS // WRITERS):
        writer.change(organization_id, EACH)


def _neighbours_news(
    stack: ExitStack,
    large: Company,
    neighbour: Company,
    number: int,
    heard: list[list[int]],
    theirs: list[list[int]],
) -> int:
    """Let the neighbour change something while the large one is busy; return how many frames came meanwhile."""
    due = CHANGES * number // (NEIGHBOURS_CHANGES + 4)
    eventually(lambda: max((numbers[-1] for numbers in heard if numbers), default=0) >= due)
    before = sum(map(len, heard))
    writer = stack.enter_context(closing(Writer(neighbour.runner)))
    writer.change(neighbour.id, 1)
    eventually(lambda: all(numbers[-1:] == [number] for numbers in theirs))
    assert not all(numbers[-1:] == [CHANGES] for numbers in heard), "it came when the large one was done"
    return sum(map(len, heard)) - before
