"""What an organization reads for its answers depends on that organization, not on how many others there are.

Counted are pages of PostgreSQL's buffers, on the newest release and on the oldest supported one. The organization's
own indexes have as many levels as those of all organizations together, so that none is explained by a deeper tree.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.databases.hot_calls import CALLS, LISTS, SWEEPS
from tests.support.databases.neighbours import (
    Crowd,
    Known,
    add_or_of_two_scopes,
    drop_or_of_two_scopes,
    fill,
    grown,
    pages_of,
)
from tests.support.databases.postgres import PostgresServer, TestDatabase, oldest_programs

CROWD = Crowd(own_threads=6_000, organizations=200, threads_each=5, queued=2_000)


@dataclass
class World:
    """A database with an organization among many, and what its calls read before the others came."""

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
        yield World(database, *fill(database, CROWD, CALLS))


def test_no_call_reads_more_for_the_rows_of_others(world: World) -> None:
    assert grown(world.alone, pages_of(world.database, CALLS, world.known)) == {}


def test_the_list_of_threads_reads_a_page_whatever_it_is_filtered_by(world: World) -> None:
    """Two pages of 50 are 100 threads of four messages; all threads of the organization would be 24,000 messages."""
    assert {name: world.alone[name] for name in LISTS if world.alone[name] > 4_000} == {}
    assert world.alone["thread list, by a tag that finds nothing"] < 20


def test_a_sweep_reads_what_it_finds_not_what_waits(world: World) -> None:
    """None of the messages that wait is due, and none is being sent: for each organization it descends an index."""
    pages = pages_of(world.database, SWEEPS, world.known)

    assert pages.pop("messages that wait") <= 25
    assert max(pages.values()) <= 10


def test_the_measure_begins_without_an_or(world: World) -> None:
    """Each look-up is one descent of an index: an OR that was there from the start would have grown with nobody."""
    assert pages_of(world.database, {"by id": CALLS["look-up by provider id"]}, world.known)["by id"] <= 8


def test_a_policy_that_is_an_or_of_two_scopes_would_be_noticed(world: World) -> None:
    add_or_of_two_scopes(world.database)
    try:
        found = grown(world.alone, pages_of(world.database, CALLS, world.known))
    finally:
        drop_or_of_two_scopes(world.database)

    assert found.keys() >= {"thread's messages", "look-up by provider id", "mails in threads"}
