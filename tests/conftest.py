"""Fixtures that every test may ask for."""

from collections.abc import Iterator

import pytest

from banxway.storage.database import Database
from tests.support.postgres import Organization, PostgresServer, TestDatabase


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
