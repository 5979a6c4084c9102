"""What an organization reads for its answers depends on that organization, not on how many others there are.

Counted are pages of PostgreSQL's buffers, on the newest release and on the oldest supported one. The organization's
own indexes have as many levels as those of all organizations together, so that none is explained by a deeper tree.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.support.databases.hot_calls import CALLS, LISTS, SWEEPS
from tests.support.databases.neighbours import Known, Meter, add_filled, add_neighbours, known_of
from tests.support.databases.postgres import PostgresServer, TestDatabase, oldest_programs

OWN_THREADS, ORGANIZATIONS, THREADS_EACH, QUEUED = 6_000, 200, 5, 2_000
FEW = 10
"""Pages by which a count may differ in any case: a row that came to lie on the next page."""
# The policy that was there until migration 030, by the setting that a scope has now.
_OR = """
    CREATE POLICY two_scopes ON messages FOR SELECT TO banxway_app
    USING ((SELECT current_setting('app.role', true)) = 'system' AND status IN ('queued', 'sending'))"""


@dataclass
class World:
    """A database with an organization among many, and what its calls cost before the others came."""

    database: TestDatabase
    known: Known
    alone: dict[str, int]


@pytest.fixture(scope="module", params=["newest", "oldest"])
def server(request: pytest.FixtureRequest, postgres: PostgresServer) -> Iterator[PostgresServer]:
    if request.param == "newest":
        yield postgres
        return
    with PostgresServer.running(programs=oldest_programs()) as oldest:
        yield oldest


@pytest.fixture(scope="module")
def world(server: PostgresServer) -> Iterator[World]:
    with server.database() as database:
        known = known_of(database, add_filled(database, threads=OWN_THREADS))
        alone = _measured(database, known)
        add_neighbours(database, organizations=ORGANIZATIONS, threads_each=THREADS_EACH, queued=QUEUED)
        yield World(database, known, alone)


def _measured(database: TestDatabase, known: Known) -> dict[str, int]:
    with closing(Meter(database.app_url)) as meter:
        return meter.of_all(CALLS, known)


def _grown(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Return the calls that read more than a tenth more pages, with both counts."""
    return {name: (before[name], pages) for name, pages in after.items() if pages > before[name] * 1.1 + FEW}


def test_no_call_reads_more_for_the_rows_of_others(world: World) -> None:
    assert _grown(world.alone, _measured(world.database, world.known)) == {}


def test_the_list_of_threads_reads_a_page_whatever_it_is_filtered_by(world: World) -> None:
    """Two pages of 50 are 100 threads of four messages: their rows, and what the page is cut from."""
    assert {name: world.alone[name] for name in LISTS if world.alone[name] > 4_000} == {}
    assert world.alone["thread list, by a tag that finds nothing"] < 20


def test_a_sweep_reads_what_it_finds_not_what_waits(world: World) -> None:
    """None of the messages that wait is due, and none is being sent."""
    with closing(Meter(world.database.app_url)) as meter:
        assert {name: pages for name, pages in meter.of_all(SWEEPS, world.known).items() if pages > 10} == {}


def test_a_policy_that_is_an_or_of_two_scopes_would_be_noticed(world: World) -> None:
    world.database.rows(_OR)
    try:
        grown = _grown(world.alone, _measured(world.database, world.known))
    finally:
        world.database.rows("DROP POLICY two_scopes ON messages")

    assert grown.keys() >= {
        "thread's messages", "look-up by provider id", "24-hour window", "mails in threads"
    }  # fmt: skip
