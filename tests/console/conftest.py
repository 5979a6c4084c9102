"""The console as its users see it: built, served by the whole local product, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser.browsers import running_browser
from tests.support.browser.screen import Screen
from tests.support.running.company import Company
from tests.support.running.founding import be_patient, open_company
from tests.support.running.runner import Runner, start_runner


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One product with its console for all tests of a process; a timer starts only when a test says so."""
    with start_runner(tmp_path_factory.mktemp("console"), timers=False, console=True) as running:
        be_patient(running)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per module: while it is driven, no other test of the process may run an event loop of its own."""
    with running_browser() as started:
        yield started


@pytest.fixture
def company(runner: Runner) -> Iterator[Company]:
    """A company with nothing configured."""
    with open_company(runner) as opened:
        yield opened


@pytest.fixture
def screen_of(runner: Runner, browser: Browser) -> Iterator[Callable[[str], Screen]]:
    """Opens the console for the person with an address; each has a browser context of their own."""
    opened: list[Screen] = []

    def open_screen(email: str) -> Screen:
        screen = Screen(browser, runner.url)
        opened.append(screen)
        screen.sign_in(email)
        return screen

    yield open_screen
    for screen in opened:
        screen.close()


@pytest.fixture
def screen(screen_of: Callable[[str], Screen], company: Company) -> Screen:
    """The console of the company's admin."""
    return screen_of(company.admin.email)
