"""Fixtures that every test may ask for."""

from collections.abc import Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling

from banxway.storage.database import Database
from tests.support.memory import keep_files_in_memory
from tests.support.postgres import Organization, PostgresServer, TestDatabase

keep_files_in_memory()


BURST = "tests/journeys/test_callback_burst.py"


class JourneysOneByOne(LoadScopeScheduling):
    """Hands tests out one by one, but all journeys to one worker, which shares one running product among them.

    The burst, which is as long as all the others, goes to a second one. They come first, since they take longest.
    (xdist's own groups, by a mark, have no effect under pytest 9.)
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BURST):
            return "burst"
        return "journeys" if nodeid.startswith("tests/journeys/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> JourneysOneByOne:
    """Take the place of whatever `--dist` names."""
    return JourneysOneByOne(config, log)  # type: ignore[arg-type]  # xdist's own kind of log


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server per test process: starting one takes less than a second."""
    with PostgresServer.running() as server:
        yield server


@pytest.fixture
def test_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """A fresh database at this release's schema."""
    with postgres.database() as database:
        yield database


@pytest.fixture
def database(test_database: TestDatabase) -> Iterator[Database]:
    """The product's own connection to the fresh database, as banxway_app."""
    database = Database(test_database.app_url)
    yield database
    database.close()


@pytest.fixture
def organization(test_database: TestDatabase) -> Organization:
    """An organization with an admin, a manager and an agent."""
    return test_database.add_organization()
