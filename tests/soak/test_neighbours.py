"""202 organizations, 200,000 messages, 20,000 of them queued in one other organization: nobody else reads more."""

from collections.abc import Iterator

import pytest

from tests.support.databases.hot_calls import CALLS, SWEEPS
from tests.support.databases.neighbours import (
    Crowd,
    add_or_of_two_scopes,
    fill,
    grown,
    pages_of,
)
from tests.support.databases.postgres import PostgresServer, oldest_programs
from tests.support.gates.figures import Figures

CROWD = Crowd(own_threads=25_000, organizations=200, threads_each=75, queued=20_000)


@pytest.fixture(params=["newest", "oldest"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    programs = oldest_programs() if request.param == "oldest" else None
    with PostgresServer.running(programs=programs) as server:
        yield server


def test_two_hundred_organizations_cost_another_one_nothing(server: PostgresServer, figures: Figures) -> None:
    with server.database() as database:
        known, alone = fill(database, CROWD, CALLS)
        among_others = pages_of(database, CALLS, known)
        swept = pages_of(database, SWEEPS, known)
        (counted,) = database.rows(
            """SELECT (SELECT count(*) FROM organizations) AS organizations, count(*) AS messages,
                      count(*) FILTER (WHERE status = 'queued') AS queued FROM messages"""
        )
        add_or_of_two_scopes(database)
        with_or = pages_of(database, CALLS, known)

    figures.show(
        **counted,
        pages_alone=sum(alone.values()),
        pages_among_others=sum(among_others.values()),
        pages_with_an_or=sum(with_or.values()),
        pages_of_sweeps=sum(swept.values()),
    )
    assert counted == {"organizations": 202, "messages": 200_000, "queued": 20_000}
    assert grown(alone, among_others) == {}
    assert swept.pop("messages that wait") <= 25  # it descends an index for each organization that has some
    assert max(swept.values()) <= 10
    assert grown(alone, with_or).keys() >= {"thread's messages", "look-up by provider id"}
