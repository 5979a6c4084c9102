"""The sweeper: what a crash left behind is continued within a minute, and nothing twice."""

from collections.abc import Callable
from uuid import UUID

import pytest

from banxway.errors import Unavailable
from banxway.services.maintenance import sweep as maintenance
from banxway.storage.realtime import changes
from tests.support.databases.postgres import Organization
from tests.support.databases.postgres_wire import over_tcp, socket_of
from tests.support.databases.relay import Relay
from tests.support.product.builders import Product
from tests.support.timing.racing import held, impatient

Twin = Callable[..., Product]


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    product.add_whatsapp(organization)
    return product.add_thread(organization)


def _add(product: Product, organization: Organization, thread: UUID, status: str, age_s: int) -> UUID:
    """Add a message whose lease, or whose next attempt, ended `age` seconds ago."""
    message = product.add_message(organization, thread, status=status)
    product.database.rows(
        """UPDATE messages SET next_attempt_at = now() - make_interval(secs => %(age)s),
               lease_until = CASE WHEN status = 'sending' THEN now() - make_interval(secs => %(age)s) END,
               hand_over_began_at = CASE WHEN status = 'sending' THEN now() END
           WHERE id = %(id)s""",
        {"age": age_s, "id": message},  # type: ignore[arg-type]  # by name
    )
    return message


@pytest.mark.parametrize(("age_s", "status"), [(1, "unknown"), (-900, "sending")], ids=["over", "running"])
def test_a_lease_that_ran_out_without_an_outcome_is_unknown(
    product: Product, organization: Organization, thread: UUID, age_s: int, status: str
) -> None:
    message = _add(product, organization, thread, "sending", age_s)

    swept = product.app.maintenance.sweep.sweep()

    row = product.row(message)
    assert row["status"] == status
    assert swept.unknown == (status == "unknown")
    assert bool(row["failure_advice"]) == (status == "unknown")
    reported = product.database.rows("SELECT kind, message_id FROM changes WHERE message_id IS NOT NULL")
    assert reported == ([{"kind": "message.status", "message_id": message}] if status == "unknown" else [])


@pytest.mark.parametrize(("age_s", "count"), [(21, 1), (-900, 0)], ids=["forgotten", "later"])
def test_a_queued_message_that_nobody_took_is_enqueued_again(
    product: Product, organization: Organization, thread: UUID, age_s: int, count: int
) -> None:
    message = _add(product, organization, thread, "queued", age_s)

    swept = product.app.maintenance.sweep.sweep()

    assert swept.reenqueued == count
    assert [item.message_id for item in product.queues["message"].items] == [message] * count


def test_a_message_that_is_on_its_way_is_not_enqueued_again(
    product: Product, organization: Organization, thread: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue may take twenty seconds; here it is an hour, since a test may take a while, too."""
    assert maintenance._WAITING_S == 20
    monkeypatch.setattr(maintenance, "_WAITING_S", 3600)
    _add(product, organization, thread, "queued", 1800)

    assert product.app.maintenance.sweep.sweep().reenqueued == 0
    assert product.queues["message"].items == []


@pytest.mark.parametrize(
    "status", ["accepted", "sent", "delivered", "read", "failed", "unknown", "cancelled"]
)
def test_what_has_an_outcome_is_left_alone(
    product: Product, organization: Organization, thread: UUID, status: str
) -> None:
    message = _add(product, organization, thread, status, 3600)

    swept = product.app.maintenance.sweep.sweep()

    assert (swept.reenqueued, swept.unknown) == (0, 0)
    assert product.row(message)["status"] == status


def test_every_organizations_messages_are_found(
    product: Product, organization: Organization, thread: UUID
) -> None:
    stranger = product.database.add_organization("Other")
    ours = _add(product, organization, thread, "queued", 30)
    theirs = _add(product, stranger, product.add_thread(stranger), "queued", 30)

    product.app.maintenance.sweep.sweep()

    assert {(item.organization_id, item.message_id) for item in product.queues["message"].items} == {
        (organization.id, ours),
        (stranger.id, theirs),
    }


def test_locked_rows_of_one_organization_keep_no_other_waiting(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    stranger = product.database.add_organization("Other")
    locked = _add(product, organization, thread, "sending", 60)
    free = _add(product, stranger, product.add_thread(stranger), "sending", 30)
    process = twin()
    impatient(process.app)

    with held(product.database, "SELECT FROM messages WHERE id = %s FOR UPDATE", (locked,)):
        swept = process.app.maintenance.sweep.sweep()

    assert (swept.unknown, product.row(free)["status"]) == (1, "unknown")
    assert product.row(locked)["status"] == "sending"
    assert product.app.maintenance.sweep.sweep().unknown == 1


def test_changes_that_were_not_pushed_are_pushed(product: Product, organization: Organization) -> None:
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        changes.record(transaction, organization_id=organization.id, kind="message.created")
    assert product.app.maintenance.sweep.sweep().organizations_notified == 1
    assert [item.organization_id for item in product.queues["change"].items] == [organization.id]

    product.app.pushes.push(organization_id=organization.id)

    assert product.app.maintenance.sweep.sweep().organizations_notified == 0


def test_what_is_old_is_removed(product: Product, organization: Organization) -> None:
    agent = product.actor(organization)
    product.app.realtime.create_ticket(actor=agent)
    ticket = product.app.realtime.create_ticket(actor=agent).ticket
    product.app.realtime.connect(connection_id="c1", ticket=ticket, origin=None)
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        changes.record(transaction, organization_id=organization.id, kind="message.created")
    product.database.rows("UPDATE realtime_tickets SET expires_at = now() + interval '1 hour'")
    product.app.maintenance.sweep.sweep()
    assert _counts(product) == (1, 1, 1)

    product.database.rows("UPDATE realtime_tickets SET expires_at = now() - interval '2 minutes'")
    product.database.rows("UPDATE realtime_connections SET expires_at = now() - interval '1 second'")
    product.database.rows("UPDATE changes SET created_at = now() - interval '31 days'")
    product.app.maintenance.sweep.sweep()

    assert _counts(product) == (0, 0, 0)


def _counts(product: Product) -> tuple[int, ...]:
    (row,) = product.database.rows(
        """SELECT (SELECT count(*) FROM realtime_tickets) AS tickets,
                  (SELECT count(*) FROM realtime_connections) AS connections,
                  (SELECT count(*) FROM changes) AS changes"""
    )
    return tuple(row.values())


def test_a_sweep_killed_in_the_middle_is_completed_by_the_next(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    expired = [_add(product, organization, thread, "sending", 5) for _ in range(4)]
    forgotten = [_add(product, organization, thread, "queued", 60) for _ in range(4)]
    dying = twin()
    left = 2

    def enqueue_two(item: object, delay_s: int = 0) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise SystemExit("killed")
        product.queues["message"](item)

    vars(dying.app.infrastructure).update(enqueue=enqueue_two)
    with pytest.raises(SystemExit):
        dying.app.maintenance.sweep.sweep()
    product.app.maintenance.sweep.sweep()

    assert {product.row(message)["status"] for message in expired} == {"unknown"}
    assert {item.message_id for item in product.queues["message"].items} == set(forgotten)
    reported = product.database.rows("SELECT message_id FROM changes WHERE message_id IS NOT NULL")
    assert sorted(row["message_id"] for row in reported) == sorted(expired)


@pytest.mark.parametrize("request_number", [3, 7, 11, 15, 19])
def test_a_sweep_whose_database_breaks_anywhere_is_completed_by_the_next(
    product: Product, organization: Organization, thread: UUID, twin: Twin, request_number: int
) -> None:
    expired = [_add(product, organization, thread, "sending", 5) for _ in range(3)]
    forgotten = _add(product, organization, thread, "queued", 60)
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))
        with broken.app.infrastructure.database.system():
            pass
        relay.cut_at_request(request_number)
        try:
            broken.app.maintenance.sweep.sweep()
        except Unavailable:
            broken.app.infrastructure.database.close()
            broken.app.maintenance.sweep.sweep()
        broken.app.infrastructure.database.close()

    assert {product.row(message)["status"] for message in expired} == {"unknown"}
    assert {item.message_id for item in product.queues["message"].items} == {forgotten}
    assert len(product.database.rows("SELECT 1 AS one FROM changes WHERE message_id IS NOT NULL")) == 3


def test_a_queue_that_is_down_leaves_everything_for_the_next_sweep(
    product: Product, organization: Organization, thread: UUID
) -> None:
    message = _add(product, organization, thread, "queued", 60)
    product.queues["message"].is_down = True
    with pytest.raises(Unavailable):
        product.app.maintenance.sweep.sweep()

    product.queues["message"].is_down = False
    product.app.maintenance.sweep.sweep()

    assert [item.message_id for item in product.queues["message"].items] == [message]
