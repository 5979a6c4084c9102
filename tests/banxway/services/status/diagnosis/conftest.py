"""One sandbox and one database for these tests, and for each an organization in which nothing is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.sandbox import Sandbox, start
from tests.support.databases.postgres import PostgresServer, TestDatabase
from tests.support.keys.examined import Examined, examined
from tests.support.running.sandbox import SandboxClient
from tests.support.servers.certificates import TestAuthority


@pytest.fixture(scope="module")
def module_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    with postgres.database() as database:
        yield database


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(Path(tmp_path_factory.mktemp("authority")))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = start(tmp_path_factory.mktemp("sandbox"), webhook_base_url="http://127.0.0.1:1")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def world(
    module_database: TestDatabase, tmp_path: Path, running: Sandbox, authority: TestAuthority
) -> Iterator[Examined]:
    """An organization whose diagnosis finds nothing, until a test breaks something."""
    client = SandboxClient(running)
    client.control("POST", "/reset")
    with examined(module_database, tmp_path, client, authority) as made:
        yield made
    client.session.close()
