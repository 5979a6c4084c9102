"""The whole product, running as its users run it: every function in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running.company import Company
from tests.support.running.founding import be_patient, open_company
from tests.support.running.inbox import Inbox
from tests.support.running.runner import Runner, start_runner


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One runner for every journey that does not stop it; a timer starts only when a journey says so."""
    with start_runner(tmp_path_factory.mktemp("journeys"), timers=False) as running:
        be_patient(running)
        yield running


@pytest.fixture
def company(runner: Runner) -> Iterator[Company]:
    """A company with nothing configured."""
    with open_company(runner) as opened:
        yield opened


@pytest.fixture
def inbox(company: Company, request: pytest.FixtureRequest) -> Inbox:
    """The company's mailbox, which gets the mails of the folder that the journey names."""
    folder = request.node.get_closest_marker("mails").args[0]
    return Inbox(company, Path(__file__).parent / "mails" / folder)
