"""One notifier at a time, wherever one is killed and whatever comes in between: no change stays unannounced."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from banxway.app import App
from banxway.models.actors import Actor
from banxway.models.realtime import Push
from banxway.storage.realtime import pushes
from banxway.storage.realtime.pushes import Batch
from tests.support.product.builders import Product
from tests.support.product.listening import let_leases_end, listen, number_changes, progress_of
from tests.support.timing.clocks import SetClock
from tests.support.timing.failpoints import Failpoints
from tests.support.timing.overtaking import overtaken
from tests.support.timing.racing import patient

Twin = Callable[..., Product]
NAMES = ("a", "b", "c")


@pytest.fixture
def process(twin: Twin) -> Callable[[], Product]:
    """Start a process that pushes; its time stands still, and its statements have all the time they need."""

    def start() -> Product:
        started = twin(clock=SetClock())
        patient(started.app)
        return started

    return start


def _push(process: Product, actor: Actor) -> int:
    return process.app.pushes.push(organization_id=actor.organization_id)


def _received(product: Product) -> list[list[int]]:
    return [product.frames.latest(name) for name in NAMES]


def test_a_second_notifier_leaves_at_once_and_the_first_announces_what_it_was_notified_of(
    product: Product, process: Callable[[], Product], agent: Actor
) -> None:
    listen(product.database, agent, *NAMES)
    number_changes(product, agent.organization_id)
    second, posted = process(), []

    def notified_meanwhile(connection: str) -> None:
        if connection == "b" and not posted:
            number_changes(product, agent.organization_id, 4)
            posted.append(_push(second, agent))

    product.frames.pushing.always(notified_meanwhile)
    assert _push(process(), agent) == 6

    assert posted == [0]
    assert _received(product) == [[1, 5]] * 3
    assert progress_of(product.database, agent.organization_id) == (5, 5, False)


@pytest.mark.parametrize("at_commit", [1, 2])
def test_a_change_at_any_moment_is_announced_by_one_of_two_notifiers(
    product: Product, process: Callable[[], Product], agent: Actor, at_commit: int
) -> None:
    """The second's change and notice come while the first takes its lease, and while it is about to end it."""
    listen(product.database, agent, *NAMES)
    number_changes(product, agent.organization_id)
    first, second = process(), process()

    def change_and_push() -> int:
        number_changes(second, agent.organization_id)
        return _push(second, agent)

    posted = overtaken(
        product.database,
        first.app.infrastructure.database,
        lambda: _push(first, agent),
        change_and_push,
        at_commit=at_commit,
    )

    assert sum(posted) == 6
    assert _received(product) == [[1, 2]] * 3
    assert progress_of(product.database, agent.organization_id) == (2, 2, False)


def test_two_notifiers_at_once_push_no_frame_twice(
    product: Product, process: Callable[[], Product], agent: Actor
) -> None:
    """Both want the lease; the second waits at the row, and finds it taken."""
    listen(product.database, agent, *NAMES)
    number_changes(product, agent.organization_id)
    first, second = process(), process()

    posted = overtaken(
        product.database,
        first.app.infrastructure.database,
        lambda: _push(first, agent),
        lambda: _push(second, agent),
    )

    assert sorted(posted) == [0, 3]
    assert _received(product) == [[1]] * 3


class _Steps(Failpoints):
    """The steps of a notifier: its transactions, and each frame that it posts."""

    @contextmanager
    def _installed(self, app: App) -> Iterator[None]:
        frames: Any = app.infrastructure.frames
        post = frames._push
        with super()._installed(app), pytest.MonkeyPatch.context() as patch:
            patch.setattr(frames, "_push", lambda *given: self._step("post", post, *given))
            yield


def _turn(product: Product, agent: Actor, process: Product) -> None:
    number_changes(product, agent.organization_id, 2)
    _push(process, agent)


def test_a_notifier_that_is_killed_at_any_step_leaves_no_change_unannounced(
    product: Product, process: Callable[[], Product], agent: Actor
) -> None:
    listen(product.database, agent, *NAMES)
    alive = process()
    steps = _Steps.observe(alive.app, lambda: _turn(product, agent, alive))
    assert len(steps) == 2 * (2 + len(NAMES))

    for step in steps:
        dying = process()
        with _Steps.killing(dying.app, step):
            _turn(product, agent, dying)
        dying.close()
        # Notified by another change, somebody else finds the lease and leaves, or goes on at once.
        _push(process(), agent)
        let_leases_end(product.database)
        _sweep(product, process(), agent)

        current, pushed, is_leased = progress_of(product.database, agent.organization_id)
        assert (pushed, is_leased) == (current, False), step
        for received in _received(product):
            assert received[-1] == current, step
            assert received == sorted(received), step
            assert max(map(received.count, received)) <= 2, step


def _sweep(product: Product, process: Product, agent: Actor) -> None:
    product.queues["change"].clear()
    process.app.maintenance.sweep.sweep()
    for due in product.queues["change"].items:
        process.app.pushes.push(organization_id=due.organization_id)


def test_a_killed_notifiers_lease_keeps_others_out_until_it_ends(
    product: Product, process: Callable[[], Product], agent: Actor
) -> None:
    """Its last frames may still be under way: an older number must not arrive after a newer one."""
    listen(product.database, agent, *NAMES)
    dying = process()
    with _Steps.killing(dying.app, "after 2 post realtime.pushes.ChangePushes._push"):
        _turn(product, agent, dying)
    dying.close()

    assert _push(process(), agent) == 0
    let_leases_end(product.database)
    assert _push(process(), agent) == 3


def test_a_notifier_that_lost_its_lease_begins_no_push_and_records_nothing(
    product: Product, process: Callable[[], Product], twin: Twin, agent: Actor
) -> None:
    listen(product.database, agent, *NAMES)
    number_changes(product, agent.organization_id)
    clock, successor = SetClock(), process()

    def lose_the_lease(connection: str) -> Push:
        product.frames.pushing.always(None)
        clock.advance(seconds=31)
        let_leases_end(product.database)
        number_changes(product, agent.organization_id, 6)
        # It continues the batch of the first, and then announces the newer changes.
        assert _push(successor, agent) == 6
        return Push.FAILED

    product.frames.pushing.always(lose_the_lease)
    assert _push(twin(clock=clock), agent) == 0

    assert _received(product) == [[1, 7]] * 3
    assert progress_of(product.database, agent.organization_id) == (7, 7, False)
    assert product.queues["change"].items == []


def test_a_notifier_that_lost_its_lease_cannot_end_that_of_its_successor(
    product: Product, agent: Actor
) -> None:
    listen(product.database, agent, *NAMES)
    number_changes(product, agent.organization_id)
    first, second = uuid4(), uuid4()
    organization_id = agent.organization_id

    with product.app.infrastructure.database.organization(organization_id) as transaction:
        assert pushes.begin(
            transaction, organization_id=organization_id, notifier_id=first, lease_s=60
        ) == Batch(1, "")
        assert not pushes.begin(transaction, organization_id=organization_id, notifier_id=second, lease_s=60)
    let_leases_end(product.database)
    with product.app.infrastructure.database.organization(organization_id) as transaction:
        assert pushes.begin(
            transaction, organization_id=organization_id, notifier_id=second, lease_s=60
        ) == Batch(1, "")
        late = pushes.advance(
            transaction,
            organization_id=organization_id,
            notifier_id=first,
            pushed_through=None,
            goes_on=False,
        )

    assert late is None
    assert progress_of(product.database, organization_id) == (1, 0, True)
