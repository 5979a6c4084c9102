"""What these tests need instead of a database of their own each."""

from collections.abc import Iterator

import pytest

from tests.support.databases.postgres import PostgresServer, TestDatabase


@pytest.fixture
def test_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """An empty database, the same for every test here: none of them changes the schema."""
    with postgres.emptied_database() as database:
        yield database
