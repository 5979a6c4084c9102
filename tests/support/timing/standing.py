"""Sets how long the database seems to have run, for tests of what is late: a test's database has just started."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from banxway.storage import uptime


@pytest.fixture(autouse=True)
def long_running(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the database have run for a year; the fixture's value sets for how many seconds instead."""

    def set_age(seconds: float) -> None:
        started = datetime.now(UTC) - timedelta(seconds=seconds)
        monkeypatch.setattr(uptime, "running_since", lambda _: started)

    set_age(365 * 24 * 3600)
    return set_age
