"""Frames: one for each connection and batch, in order, from one notifier at a time, and nobody harms another."""

import json
from collections.abc import Callable

import pytest

from banxway.app.clients import PUSHES_AT_ONCE, aws_client
from banxway.errors import Unavailable
from banxway.models.actors import Actor
from banxway.models.queue_items import ChangesDue
from banxway.models.realtime import Push
from banxway.providers.websocket import _PAUSE_S
from banxway.services.realtime.pushes import _LEASE_S, _LONGEST_PUSH_S, _TURN_S
from tests.support.databases.statements import recorded
from tests.support.product.builders import Product
from tests.support.product.listening import (
    listen,
    listeners_of,
    number_changes,
    progress_of,
)
from tests.support.timing.clocks import SetClock

Twin = Callable[..., Product]


@pytest.fixture
def notifier(twin: Twin) -> Product:
    """A process that pushes; its time stands still, so that no turn ends on a slow machine."""
    return twin(clock=SetClock())


def _push(process: Product, actor: Actor) -> int:
    return process.app.pushes.push(organization_id=actor.organization_id)


def test_every_connection_receives_one_frame_for_all_that_is_unpushed(
    product: Product, notifier: Product, agent: Actor, admin: Actor
) -> None:
    listen(product.database, agent, "c1")
    listen(product.database, admin, "c2")
    number_changes(product, agent.organization_id, 3)

    assert _push(notifier, agent) == 2
    assert _push(notifier, agent) == 0

    assert product.frames.latest("c1") == product.frames.latest("c2") == [3]
    assert json.loads(product.frames.pushed["c1"][0]) == {"type": "changes", "latest": 3}
    assert progress_of(product.database, agent.organization_id) == (3, 3, False)


def test_nobody_hears_of_another_organization(product: Product, notifier: Product, agent: Actor) -> None:
    stranger = product.database.add_organization("Other")
    listen(product.database, agent, "ours")
    listen(product.database, product.actor(stranger), "theirs")
    number_changes(product, stranger.id, 2)

    notifier.app.pushes.push(organization_id=stranger.id)
    _push(notifier, agent)

    assert (product.frames.latest("ours"), product.frames.latest("theirs")) == ([], [2])


def test_an_organization_without_listeners_is_up_to_date_at_once(
    product: Product, notifier: Product, agent: Actor
) -> None:
    number_changes(product, agent.organization_id, 2)

    assert _push(notifier, agent) == 0

    assert progress_of(product.database, agent.organization_id) == (2, 2, False)


@pytest.mark.parametrize("why", ["closed", "expired", "deactivated"])
def test_a_connection_that_may_not_listen_any_more_receives_nothing(
    product: Product, notifier: Product, agent: Actor, why: str
) -> None:
    listen(product.database, agent, "c1")
    if why == "closed":
        product.app.realtime.disconnect(connection_id="c1")
    elif why == "expired":
        product.database.rows("UPDATE realtime_connections SET expires_at = now() - interval '1 second'")
    else:
        product.database.rows("UPDATE users SET is_active = false WHERE id = %s", (agent.user_id,))
    number_changes(product, agent.organization_id)

    _push(notifier, agent)

    assert product.frames.latest("c1") == []


# Connections that do not work.


def test_a_connection_that_is_gone_is_forgotten_and_the_others_receive_their_frame(
    product: Product, notifier: Product, agent: Actor
) -> None:
    listen(product.database, agent, "gone", "here")
    product.frames.gone.add("gone")
    number_changes(product, agent.organization_id)

    _push(notifier, agent)

    assert listeners_of(product.database, agent.organization_id) == ["here"]
    assert product.frames.latest("here") == [1]


def test_a_connection_whose_handshake_is_not_over_is_not_forgotten(
    product: Product, notifier: Product, agent: Actor
) -> None:
    listen(product.database, agent, "young")
    # It stays young for the whole test.
    product.database.rows("UPDATE realtime_connections SET connected_at = now() + interval '1 hour'")
    product.frames.gone.add("young")
    number_changes(product, agent.organization_id)

    _push(notifier, agent)

    assert listeners_of(product.database, agent.organization_id) == ["young"]


@pytest.mark.parametrize("result", [Push.FAILED, Push.UNREACHABLE])
def test_a_failing_connection_harms_no_other_and_is_tried_with_the_next_batch(
    product: Product, notifier: Product, agent: Actor, result: Push
) -> None:
    listen(product.database, agent, "a", "bad", "c")
    product.frames.pushing.always(lambda connection: result if connection == "bad" else None)
    number_changes(product, agent.organization_id)
    _push(notifier, agent)
    product.frames.pushing.always(None)
    number_changes(product, agent.organization_id)
    _push(notifier, agent)

    assert [product.frames.latest(each) for each in ("a", "bad", "c")] == [[1, 2], [2], [1, 2]]


def test_a_connection_that_fails_again_and_again_is_closed_and_forgotten(
    product: Product, notifier: Product, agent: Actor
) -> None:
    listen(product.database, agent, "bad", "good")
    product.frames.pushing.always(lambda connection: Push.FAILED if connection == "bad" else None)

    for _ in range(4):
        number_changes(product, agent.organization_id)
        _push(notifier, agent)
    assert listeners_of(product.database, agent.organization_id) == ["bad", "good"]
    number_changes(product, agent.organization_id)
    _push(notifier, agent)

    assert listeners_of(product.database, agent.organization_id) == ["good"]
    assert product.frames.closed == ["bad"]
    assert product.frames.latest("good") == [1, 2, 3, 4, 5]


def test_a_broken_connection_that_there_was_no_time_to_close_is_not_forgotten(
    product: Product, twin: Twin, agent: Actor
) -> None:
    """Its browser would wait for frames until it closes the connection itself."""
    listen(product.database, agent, "bad", "good")
    product.database.rows("UPDATE realtime_connections SET failed_pushes = 4 WHERE connection_id = 'bad'")
    number_changes(product, agent.organization_id)
    clock = SetClock()

    def fail_and_take_long(connection: str) -> Push | None:
        clock.advance(seconds=6)
        return Push.FAILED if connection == "bad" else None

    product.frames.pushing.always(fail_and_take_long)
    _push(twin(clock=clock), agent)

    assert product.frames.closed == []
    assert listeners_of(product.database, agent.organization_id) == ["bad", "good"]


def test_a_push_that_arrives_makes_up_for_former_failures(
    product: Product, notifier: Product, agent: Actor
) -> None:
    listen(product.database, agent, "good", "unsteady")
    for number in range(12):
        fails = number % 4 != 3
        product.frames.pushing.always(
            lambda connection, fails=fails: Push.FAILED if fails and connection == "unsteady" else None
        )
        number_changes(product, agent.organization_id)
        _push(notifier, agent)

    assert listeners_of(product.database, agent.organization_id) == ["good", "unsteady"]
    assert product.frames.latest("unsteady") == [4, 8, 12]


def test_nobody_is_forgotten_while_nobody_is_reached(
    product: Product, notifier: Product, agent: Actor
) -> None:
    """Then it may be the API that does not work."""
    listen(product.database, agent, "a", "b")
    product.frames.pushing.always(Push.FAILED)

    for _ in range(10):
        number_changes(product, agent.organization_id)
        assert _push(notifier, agent) == 0

    assert listeners_of(product.database, agent.organization_id) == ["a", "b"]


def test_an_outage_of_the_api_is_no_progress_and_leaves_no_lease(
    product: Product, notifier: Product, agent: Actor
) -> None:
    listen(product.database, agent, "a", "b")
    product.frames.pushing.always(Push.UNREACHABLE)
    number_changes(product, agent.organization_id, 2)

    with pytest.raises(Unavailable, match="WebSockets cannot be reached"):
        _push(notifier, agent)
    assert progress_of(product.database, agent.organization_id) == (2, 0, False)
    product.frames.pushing.always(None)
    _push(notifier, agent)

    assert product.frames.latest("a") == product.frames.latest("b") == [2]


# Turns.


def test_a_large_organization_makes_way_after_a_turn_and_repeats_no_frame(
    product: Product, notifier: Product, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.realtime.pushes._AT_ONCE", 4)
    monkeypatch.setattr("banxway.services.realtime.pushes._TURN_PUSHES", 4)
    names = listen(product.database, agent, *(f"c{number:02}" for number in range(10)))
    number_changes(product, agent.organization_id, 5)

    posted = []
    due = ChangesDue(organization_id=agent.organization_id)
    product.queues["change"].items.append(due)
    while product.queues["change"].items:
        assert product.queues["change"].items.pop() == due
        posted.append(_push(notifier, agent))
        if len(posted) == 2:
            # A newer change does not let the batch begin again: those at the end would never have their turn.
            number_changes(product, agent.organization_id)

    assert posted == [4, 4, 2 + 4, 4, 2]
    assert [product.frames.latest(name) for name in names] == [[5, 6]] * 10
    assert progress_of(product.database, agent.organization_id) == (6, 6, False)


@pytest.mark.parametrize("fault", ["little time", "none at all"])
def test_a_notifier_whose_time_is_short_leaves_the_organization_to_the_next(
    product: Product, notifier: Product, agent: Actor, fault: str
) -> None:
    listen(product.database, agent, "c1")
    number_changes(product, agent.organization_id)
    left_s = 7.0 if fault == "little time" else 0.0
    vars(notifier.app.infrastructure)["remaining_s"] = lambda: left_s

    assert _push(notifier, agent) == 0

    assert product.queues["change"].items == [ChangesDue(organization_id=agent.organization_id)]
    assert progress_of(product.database, agent.organization_id) == (1, 0, False)


def test_no_push_begins_after_the_turn_and_the_next_notifier_goes_on_where_it_ended(
    product: Product, twin: Twin, agent: Actor
) -> None:
    clock = SetClock()
    slow = twin(clock=clock)
    names = listen(product.database, agent, *"abcdef")
    number_changes(product, agent.organization_id)

    def take_long(_connection: str) -> None:
        clock.advance(seconds=4)

    product.frames.pushing.always(take_long)
    assert _push(slow, agent) == 3

    assert product.queues["change"].items == [ChangesDue(organization_id=agent.organization_id)]
    product.frames.pushing.always(None)
    assert _push(twin(clock=SetClock()), agent) == 3
    assert [product.frames.latest(name) for name in names] == [[1]] * 6


def test_a_turn_and_its_last_pushes_end_before_the_lease() -> None:
    """Otherwise a successor's newer number could arrive before an older one that is still under way."""
    config = aws_client("apigatewaymanagementapi", region_name="ap-south-1").meta.config
    attempt_s = config.connect_timeout + config.read_timeout

    assert config.retries["total_max_attempts"] == 1
    assert config.max_pool_connections == PUSHES_AT_ONCE
    assert 2 * attempt_s + _PAUSE_S <= _LONGEST_PUSH_S
    assert _TURN_S + _LONGEST_PUSH_S < _LEASE_S


# Costs.


@pytest.mark.parametrize(("sockets", "changes"), [(1, 1), (40, 1), (1, 2000), (40, 2000)])
def test_a_batch_costs_the_same_statements_however_large_it_is(
    product: Product, notifier: Product, agent: Actor, sockets: int, changes: int
) -> None:
    listen(product.database, agent, *(f"c{number:02}" for number in range(sockets)))
    number_changes(product, agent.organization_id, changes)
    statements = recorded(notifier.app)

    _push(notifier, agent)

    assert [statement.split()[0] for statement in statements] == [
        *("BEGIN;", "SELECT", "UPDATE", "SELECT", "COMMIT"),
        *("BEGIN;", "SELECT", "UPDATE", "COMMIT"),
    ]
    assert sum(map(len, product.frames.pushed.values())) == sockets


def test_a_notice_about_what_is_pushed_costs_one_statement_in_its_scope(
    product: Product, notifier: Product, agent: Actor
) -> None:
    number_changes(product, agent.organization_id)
    _push(notifier, agent)
    statements = recorded(notifier.app)

    _push(notifier, agent)

    assert [statement.split()[0] for statement in statements] == ["BEGIN;", "SELECT", "UPDATE", "COMMIT"]
