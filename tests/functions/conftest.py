"""What tests of functions share: one database a file, one deployment and one organization a test."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.product.app import Bundle, bundle_of
from tests.support.timing.clocks import SleeplessClock


@pytest.fixture(scope="module")
def module_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """One database for a file's tests; each test brings an organization of its own."""
    with postgres.database() as database:
        yield database


@pytest.fixture
def bundle(module_database: TestDatabase, tmp_path: Path) -> Iterator[Bundle]:
    """The product, over the file's database."""
    with bundle_of(module_database, tmp_path) as made:
        yield made


@pytest.fixture
def lone_bundle(test_database: TestDatabase, tmp_path: Path) -> Iterator[Bundle]:
    """The product over a database that no other test has written to."""
    with bundle_of(test_database, tmp_path) as made:
        yield made


@pytest.fixture
def organization(bundle: Bundle) -> Organization:
    """An organization of the test's own."""
    return bundle.database.add_organization()


@pytest.fixture
def worker_beside() -> Callable[[Bundle], AbstractContextManager[None]]:
    """Deliver what a bundle sends, in a second process as it were, whenever the first one waits in the block."""

    @contextmanager
    def deliver(bundle: Bundle) -> Iterator[None]:
        beside = bundle.twin()
        clock = SleeplessClock(on_sleep=lambda: beside.work("message", "mail"))
        waiting = bundle.twin(clock=clock, send_wait_seconds=5.0)
        bundle.app, kept = waiting.app, bundle.app
        try:
            yield
        finally:
            bundle.app = kept
            waiting.close()
            beside.close()

    return deliver
