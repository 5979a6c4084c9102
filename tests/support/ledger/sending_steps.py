"""The steps at which a process that sends may be killed: what it commits, what it hands over, what it enqueues.

    SendingSteps.observe(app, act), SendingSteps.killing(app, step)    name them, kill at one: see failpoints.py
    Mortal(app, lives_for=17)                                          is killed at its 17th step

An App must not have done anything yet, since its services keep what they are given when they are made.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from banxway.app import App
from banxway.models.queue_items import QueueItem
from banxway.providers.base import Begin, unrecorded
from tests.support.timing.failpoints import Failpoints, Killed

Step = Callable[..., Any]

_ENQUEUES = {"message": "enqueue message", "mail": "enqueue message", "change": "enqueue changes"}


class SendingSteps(Failpoints):
    """Steps of a process, including those by which something leaves it."""

    @contextmanager
    def _installed(self, app: App) -> Iterator[None]:
        with super()._installed(app), pytest.MonkeyPatch.context() as patch:
            watch_exits(app, patch, self._step)
            yield


def watch_exits(app: App, patch: pytest.MonkeyPatch, step: Step) -> None:
    """Make a step of everything that a process hands over or enqueues."""
    enqueue = app.infrastructure.enqueue

    def watched_enqueue(item: QueueItem, delay_s: int = 0) -> None:
        if item.queue in _ENQUEUES:
            step(_ENQUEUES[item.queue], enqueue, item, delay_s)
        else:
            enqueue(item, delay_s)

    patch.setitem(vars(app.infrastructure), "enqueue", watched_enqueue)
    given = app.infrastructure.providers
    watched = replace(
        given,
        whatsapp=lambda account: _HandsOver(given.whatsapp(account), step),
        mail_sender=lambda server: _HandsOver(given.mail_sender(server), step),
    )
    patch.setattr(app.infrastructure, "providers", watched)


class Mortal:
    """One process among many that is killed after a number of steps; the beginning and the end of each count as one.

    It watches this process alone, so that others may go on beside it.
    """

    def __init__(self, app: App, *, lives_for: int) -> None:
        self._moments_left = lives_for
        self._patch = pytest.MonkeyPatch()
        self.died_at: str | None = None
        commit, write = app.infrastructure.database._commit, app.infrastructure.blobs.write
        self._patch.setattr(app.infrastructure.database, "_commit", partial(self._step, "commit", commit))
        self._patch.setattr(app.infrastructure.blobs, "write", partial(self._step, "write", write))
        watch_exits(app, self._patch, self._step)

    def _step(self, kind: str, real: Callable[..., Any], *given: Any) -> Any:
        self._live_through(f"before {kind}")
        result = real(*given)
        self._live_through(f"after {kind}")
        return result

    def _live_through(self, moment: str) -> None:
        self._moments_left -= 1
        if self._moments_left <= 0:
            self.died_at = self.died_at or moment
            raise Killed(moment)


class _HandsOver:
    """A provider whose `send` is a step from the moment when the hand-over has begun, whatever comes of it."""

    def __init__(self, real: Any, step: Any) -> None:
        self._real = real
        self._step = step

    def send(self, message: Any, /, *, begin: Begin) -> Any:
        begin()
        answer, error = self._step("hand over", self._outcome, message)
        if error is not None:
            raise error
        return answer

    def _outcome(self, message: Any) -> tuple[Any, Exception | None]:
        try:
            return self._real.send(message, begin=unrecorded), None
        except Exception as error:  # noqa: BLE001  # raised again, once the step is over
            return None, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
