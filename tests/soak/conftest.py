"""What soaks begin with: the running product and the mail servers of the journeys, and figures to print."""

from collections.abc import Iterator

import pytest

from tests.journeys.conftest import company  # noqa: F401  # the same fixtures, under the same names
from tests.support.gates.figures import Figures
from tests.support.mailboxes.mail_fixtures import account, authority, dovecot, product  # noqa: F401
from tests.support.running.founding import be_patient
from tests.support.running.runner import Runner, start_runner


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One runner for every soak, with its timers."""
    with start_runner(tmp_path_factory.mktemp("soak")) as running:
        be_patient(running)
        yield running


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Prints what a soak has counted."""
    return Figures(request.node.name)
