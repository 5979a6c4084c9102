"""Two organizations with a row in every table, and the connections that look at them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support.databases.canary_rows import CanaryRows
from tests.support.databases.postgres import PostgresServer, TestDatabase

Connection = psycopg.Connection[dict[str, Any]]
Connect = Callable[[str], Connection]


@pytest.fixture
def test_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """An empty database, the same for every test here: whatever one does to the schema, it takes back."""
    with postgres.emptied_database() as database:
        yield database


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Open connections outside the product, in autocommit; they are closed with the test."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(psycopg.connect(url, autocommit=True, row_factory=dict_row))


@pytest.fixture
def superuser(connect: Connect, test_database: TestDatabase) -> Connection:
    return connect(test_database.superuser_url)


@pytest.fixture
def app(connect: Connect, test_database: TestDatabase) -> Connection:
    """The application role, outside any scope."""
    return connect(test_database.app_url)


@pytest.fixture
def canaries(superuser: Connection) -> CanaryRows:
    return CanaryRows(superuser)
