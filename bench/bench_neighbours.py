"""The inbox of one organization while another one has 100,000 messages in flight, beside the same inbox alone.

Both are requested through the whole function: session, user, scope, the list under row-level security, JSON. The
alone one is in a database of its own on the same server. While the messages are worked on, another process claims
and settles them one after the other, a transaction each, as fast as it can; it shares the machine with the inbox.
"""

import itertools
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import psycopg
from measuring import report, turns

from tests.support.databases.neighbours import add_filled, add_neighbours
from tests.support.databases.postgres import PostgresServer, TestDatabase
from tests.support.gates.routes import handler_of
from tests.support.product.app import Bundle, bundle_of, token
from tests.support.product.events import http_event

OWN_THREADS, ROWS_IN_FLIGHT, ROUNDS, REQUESTS = 2_500, 100_000, 20, 40
ALONE, BESIDE, WORKED_ON = "inbox alone", "beside 100,000 queued", "while they are worked on"
CLAIM = """
    UPDATE messages SET status = 'sending', lease_id = gen_random_uuid(), lease_until = now() + interval '3 minutes',
                        attempts = attempts + 1, attempted_at = now()
    WHERE id = %s AND status = 'queued'"""
SETTLE = "UPDATE messages SET status = 'accepted', lease_until = NULL, updated_at = now() WHERE id = %s"
NUMBER = """
    WITH next AS (UPDATE change_sequences SET current = current + 1 RETURNING organization_id, current)
    INSERT INTO changes (organization_id, sequence, kind, message_id)
    SELECT organization_id, current, 'message.status', %s FROM next"""


def work_on(url: str, organization_id: UUID, messages: list[UUID], may_work: Event) -> None:
    """Claim and settle the messages, whenever it may, until the process is ended."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for message_id, statement in itertools.product(messages, (CLAIM, SETTLE)):
            may_work.wait()
            with connection.transaction():
                connection.execute("SELECT enter_scope('organization', %s, 10000)", (organization_id,))
                connection.execute(statement, (message_id,))
                connection.execute(NUMBER, (message_id,))


@contextmanager
def worker(database: TestDatabase) -> Iterator[Event]:
    """Run a process that works on the queued messages while the event is set."""
    rows = database.rows("SELECT organization_id, id FROM messages WHERE status = 'queued'")
    assert len(rows) == ROWS_IN_FLIGHT
    context = multiprocessing.get_context("spawn")
    may_work = context.Event()
    given = (database.app_url, rows[0]["organization_id"], [row["id"] for row in rows], may_work)
    process = context.Process(target=work_on, args=given, daemon=True)
    process.start()
    try:
        yield may_work
    finally:
        process.terminate()
        process.join()


def inbox(bundle: Bundle, user_id: UUID) -> Callable[[], dict[str, Any]]:
    """Return a call that requests the list of threads as a signed-in user."""
    headers = {"authorization": f"Bearer {token(user_id)}"}
    event, handler = (
        http_event("GET", "/api/v1/communications/threads", headers=headers),
        handler_of("threads/list"),
    )
    return lambda: bundle.call(handler, event)


def p95(request: Callable[[], dict[str, Any]]) -> float:
    """Return the seconds within which 19 of 20 requests are answered."""
    found = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        request()
        found.append(time.perf_counter() - began)
    return quantiles(found, n=20)[-1]


def main() -> None:
    figures: dict[str, list[float]] = {ALONE: [], BESIDE: [], WORKED_ON: []}
    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer.running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        requests = {}
        for name in (ALONE, BESIDE):
            database = stack.enter_context(server.database())
            user_id = add_filled(database, threads=OWN_THREADS).agent
            if name == BESIDE:
                add_neighbours(database, organizations=0, threads_each=0, queued=ROWS_IN_FLIGHT)
            bundle = stack.enter_context(bundle_of(database, folder / name.replace(" ", "-")))
            requests[name] = inbox(bundle, user_id)
        for name, request in requests.items():
            if '"count": 50' not in request()["body"]:
                raise RuntimeError(f"the inbox {name} is not a page of 50 threads")
        requests[WORKED_ON] = requests[BESIDE]
        may_work = stack.enter_context(worker(database))
        for name in turns(list(figures), rounds=ROUNDS):
            if name == WORKED_ON:
                may_work.set()
            figures[name].append(p95(requests[name]))
            may_work.clear()
    report(
        "An inbox of 50 threads, p95 of 40 requests",
        figures,
        baselines={BESIDE: [ALONE], WORKED_ON: [ALONE]},
    )


if __name__ == "__main__":
    main()
