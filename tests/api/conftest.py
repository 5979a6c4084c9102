"""What tests of the HTTP contract share: one deployment a file, and for what counts rows, one a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.product.app import Bundle, bundle_of


@pytest.fixture(scope="module")
def shared_bundle(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    """The product, for tests that only look, or bring an organization of their own."""
    with (
        postgres.database() as database,
        bundle_of(database, tmp_path_factory.mktemp("blobs")) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def shared_organization(shared_bundle: Bundle) -> Organization:
    """The organization of a file's tests that only look."""
    return shared_bundle.database.add_organization("Shared")


@pytest.fixture
def test_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """An empty database, the same for every test here: whatever one does to its settings, it takes back."""
    with postgres.emptied_database() as database:
        yield database


@pytest.fixture
def bundle(test_database: TestDatabase, tmp_path: Path) -> Iterator[Bundle]:
    """The product over a database that no other test has written to."""
    with bundle_of(test_database, tmp_path) as made:
        yield made


@pytest.fixture
def organization(bundle: Bundle) -> Organization:
    """An organization in the test's own database."""
    return bundle.database.add_organization()
