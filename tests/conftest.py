"""Fixtures that every test may ask for."""

from collections.abc import Generator, Iterator

import pytest
from hypothesis import is_hypothesis_test
from xdist.scheduler import LoadScopeScheduling

from banxway.storage.database import Database
from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.gates import chance, debian
from tests.support.gates.memory import keep_files_in_memory
from tests.support.hostile.chromium import Browser

keep_files_in_memory()
chance.load_profile()

_LONGEST_LOG = 4_000
SHARED_RUNNERS = ("tests/journeys/", "tests/local/running/", "tests/soak/")
"""Folders whose files share a running bundle. Each is one worker's, and begins first, since it takes longest."""


class FileByFile(LoadScopeScheduling):
    """Hands a file at a time to a worker, so that what a file sets up is set up once; such a folder as a whole.

    (xdist's own groups, by a mark, have no effect under pytest 9.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in SHARED_RUNNERS if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FileByFile:
    """Take the place of whatever `--dist` names, in the order of `pytest_collection_modifyitems`."""
    config.option.loadscopereorder = False
    return FileByFile(config, log)  # type: ignore[arg-type]  # xdist's own kind of log


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let what shares a runner begin first, then everything else in its order.

    What hypothesis chooses inputs for is marked `random`, so that a soak can repeat it with others.
    """
    items.sort(key=_turn)
    for item in items:
        if is_hypothesis_test(getattr(item, "function", None)):
            item.add_marker("random")
    _end_without_programs(config, items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the log of a failing test's Dovecot to its report: only that tells why a connection was closed."""
    report = yield
    dovecot = getattr(item, "funcargs", {}).get("dovecot")
    if report.failed and dovecot is not None:
        report.sections.append(("Dovecot's log", dovecot.log()[-_LONGEST_LOG:]))
    return report


def _end_without_programs(config: pytest.Config, items: list[pytest.Item]) -> None:
    """End the session before its first test where a program is missing that a collected test needs."""
    sentence = "" if config.option.collectonly else debian.missing_for(items)
    if not sentence:
        return
    if hasattr(config, "workeroutput"):
        config.workeroutput["missing"] = sentence  # a worker's own words are lost
    pytest.exit(sentence, returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """End the session with the sentence of a worker that ended so."""
    if sentence := getattr(node, "workeroutput", {}).get("missing"):
        pytest.exit(sentence, returncode=pytest.ExitCode.USAGE_ERROR)


def _turn(item: pytest.Item) -> int:
    turns = (turn for turn, folder in enumerate(SHARED_RUNNERS) if item.nodeid.startswith(folder))
    return next(turns, len(SHARED_RUNNERS))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server per test process: starting one takes less than a second."""
    with PostgresServer.running() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser per test process."""
    with Browser.running() as browser:
        yield browser


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
