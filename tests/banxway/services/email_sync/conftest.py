"""The database's own time, which tests of polling set."""

from collections.abc import Iterator

import pytest

from tests.support.databases.postgres import TestDatabase
from tests.support.timing.database_clock import NOW, DatabaseClock


@pytest.fixture
def database_clock(test_database: TestDatabase) -> Iterator[DatabaseClock]:
    """It stands still at NOW, so that due times and leases are exact."""
    with DatabaseClock.installed(test_database) as clock:
        clock.set(NOW)
        yield clock
