"""An App without a database, and its queues replaced at the network's edge."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from banxway.app import App
from banxway.errors import Unavailable
from tests.support.product.app import apps_are_chosen, settings_of


class RecordingQueues:
    """Records what is sent and postponed. While `is_down`, it raises as an unreachable queue service does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.attributes: list[dict[str, str]] = []
        self.postponed: list[tuple[str, dict[str, int]]] = []
        self.is_down = False

    def send(
        self,
        queue_url: str,
        body: str,
        *,
        group: str | None = None,
        delay_s: int = 0,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self._require_up()
        self.sent.append((queue_url, body))
        self.attributes.append(dict(attributes or {}))

    def postpone(self, queue_url: str, delays_s: Mapping[str, int]) -> None:
        self._require_up()
        self.postponed.append((queue_url, dict(delays_s)))

    def _require_up(self) -> None:
        if self.is_down:
            raise Unavailable("The queue does not answer; try again shortly")


@pytest.fixture(autouse=True)
def entrypoints_serve_the_tests_app() -> Iterator[None]:
    """See `invoke`."""
    with apps_are_chosen():
        yield


@pytest.fixture
def queues() -> RecordingQueues:
    """The App's queues."""
    return RecordingQueues()


@pytest.fixture
def app(tmp_path: Path, queues: RecordingQueues) -> App:
    """An App that has no database and would fail to make one."""
    made = App(settings_of(None, tmp_path))
    made.infrastructure.queues = queues
    return made
