"""Callbacks in sets: the same rows as one after the other, a constant number of statements, and no deadlocks."""

import random
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.databases.postgres import Organization, PostgresServer
from tests.support.databases.statements import recorded
from tests.support.gates.chance import dice, in_soak
from tests.support.product.builders import Product, a_report, an_incoming, received
from tests.support.product.callback_stories import Batch, Row, of_sizes, one_by_one, tell
from tests.support.timing.racing import Background, held, patient, until_waiting

Twin = Callable[..., Product]
SENT, DELIVERED, READ = 30001, 30002, 30003
STORIES = in_soak(20, else_=4)
CALLBACKS = in_soak(120, else_=60)


@pytest.mark.parametrize("number", range(STORIES))
def test_callbacks_in_sets_leave_the_rows_that_they_leave_one_after_the_other(
    postgres: PostgresServer, tmp_path: Path, number: int
) -> None:
    chance = dice(number)
    seed, start = chance.getrandbits(32), datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)

    def end(cut: Callable[[Batch], Iterable[Batch]]) -> list[Row]:
        with postgres.emptied_database() as database, closing(Product(database, tmp_path)) as product:
            return tell(product, random.Random(seed), start=start, callbacks=CALLBACKS, cut=cut)

    expected = end(one_by_one)

    for sizes in ((2, 3, 5, 8), (10,), (CALLBACKS,)):
        assert end(of_sizes(chance, sizes)) == expected, (seed, sizes)


# Statements.


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization)


def reports_on_new_messages(
    product: Product, organization: Organization, thread: UUID, count: int, *, is_named: bool
) -> Batch:
    """Add messages that were accepted, or whose answer was lost, and return a report on each."""
    items = []
    for number in range(count):
        sid = f"sid-{count}-{number}"
        columns = {"status": "accepted", "provider_sid": sid} if is_named else {"status": "unknown"}
        message = product.add_message(organization, thread, **columns)
        items.append(received(organization, a_report(sid, DELIVERED), about=message))
    return items


@pytest.mark.parametrize(("is_named", "statements"), [(True, 10), (False, 12)], ids=["accepted", "unknown"])
def test_a_set_takes_as_many_statements_as_one_callback(
    product: Product, organization: Organization, thread: UUID, is_named: bool, statements: int
) -> None:
    counted = []
    for count in (1, 10, 100):
        items = reports_on_new_messages(product, organization, thread, count, is_named=is_named)
        sent = recorded(product.app)
        product.apply(*items)
        counted.append(len(sent))

    assert counted == [statements] * 3
    (row,) = product.database.rows("SELECT count(*) AS n FROM messages WHERE status = 'delivered'")
    assert row["n"] == 111


def test_reports_that_wait_are_joined_in_a_constant_number_of_statements(
    product: Product, organization: Organization, thread: UUID
) -> None:
    counted = []
    for count in (1, 50):
        items = reports_on_new_messages(product, organization, thread, count, is_named=False)
        for number in range(count):
            product.apply(received(organization, a_report(f"sid-{count}-{number}", READ)))
        sent = recorded(product.app)
        product.apply(*items)
        counted.append(len(sent))

    assert counted == [13, 13]
    assert product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL") == []
    (row,) = product.database.rows("SELECT count(*) AS n FROM messages WHERE status = 'read'")
    assert row["n"] == 51


def test_a_message_that_several_callbacks_of_a_set_move_is_one_change(
    product: Product, organization: Organization, thread: UUID
) -> None:
    message = product.add_message(organization, thread, status="accepted", provider_sid="sid-1")
    product.queues["change"].clear()

    product.apply(*(received(organization, a_report("sid-1", code), about=message) for code in (SENT, READ)))

    (change,) = product.database.rows("SELECT message_id FROM changes")
    assert change["message_id"] == message
    assert len(product.queues["change"].items) == 1


def test_a_set_of_two_organizations_is_refused(product: Product, organization: Organization) -> None:
    stranger = product.database.add_organization("Other")

    with pytest.raises(ValueError, match="too many"):
        product.apply(
            received(organization, a_report("sid-1", READ)), received(stranger, a_report("sid-2", READ))
        )

    assert product.database.rows("SELECT id FROM webhook_events") == []


# Order.


def test_a_message_that_quotes_what_the_set_has_named_is_a_reply_to_it(
    product: Product, organization: Organization, thread: UUID
) -> None:
    """As if they came one after the other: the report gives the message its sid, and the customer quotes that."""
    message = product.add_message(organization, thread, status="unknown")
    quoting = {"content": {"type": "text", "text": {"body": "Yes"}, "context": {"sid": "sid-1"}}}

    product.apply(
        received(organization, an_incoming("", sid="in-1", **quoting)),
        received(organization, a_report("sid-1", SENT), about=message),
        received(organization, an_incoming("", sid="in-2", **quoting)),
    )

    rules = product.database.rows("SELECT provider_sid, join_rule FROM messages WHERE direction = 'inbound'")
    assert {row["provider_sid"]: row["join_rule"] for row in rules} == {"in-1": "address", "in-2": "reply"}


def test_a_report_on_a_sid_that_two_messages_have_is_about_the_older_in_any_set(
    product: Product, organization: Organization, thread: UUID
) -> None:
    """Exotel does not do that; a stray report at another message's URL may."""
    older, newer = UUID(int=1), UUID(int=2)
    for one in (older, newer):
        product.add_message(organization, thread, id=one, status="accepted", provider_sid="sid-1")

    product.apply(
        received(organization, a_report("sid-2", READ), about=newer),
        received(organization, a_report("sid-1", READ), about=newer),
    )

    assert [product.row(message)["status"] for message in (older, newer)] == ["read", "accepted"]


# Two workers at once.


def _messages(product: Product, organization: Organization, thread: UUID) -> tuple[Batch, str]:
    """Reports on two messages; somebody has locked the first."""
    items = []
    for sid in ("sid-1", "sid-2"):
        message = product.add_message(organization, thread, status="accepted", provider_sid=sid)
        items.append(received(organization, a_report(sid, READ), about=message))
    return items, "SELECT FROM messages WHERE provider_sid = 'sid-1' FOR UPDATE"


def _sids(product: Product, organization: Organization, thread: UUID) -> tuple[Batch, str]:
    """Reports that name no message that is known."""
    items = [received(organization, a_report(sid, READ)) for sid in ("sid-1", "sid-2")]
    return items, "SELECT pg_advisory_xact_lock(hashtextextended(E'provider_sid\nsid-1', 0))"


def _customers(product: Product, organization: Organization, thread: UUID) -> tuple[Batch, str]:
    """Messages of two customers whom nobody knows."""
    senders = ("+919876500001", "+919876500002")
    items = [received(organization, an_incoming("Hello", sid=one, sender=one)) for one in senders]
    return items, f"SELECT pg_advisory_xact_lock(hashtextextended(E'line\n{senders[0]}', 0))"


def _bodies(product: Product, organization: Organization, thread: UUID) -> tuple[Batch, str]:
    """Bodies that are stored already, and say nothing to us."""
    items = [received(organization, {"callback_type": name}) for name in ("new", "newer")]
    for item in items:
        product.apply(item)
    return items, "SELECT FROM webhook_events WHERE position('\"new\"' IN body) > 0 FOR UPDATE"


@pytest.mark.parametrize(
    "scene",
    [_messages, _sids, _customers, _bodies],
    ids=lambda scene: scene.__name__,
)
def test_two_sets_of_the_same_at_once_neither_block_each_other_nor_lose_anything(
    product: Product,
    organization: Organization,
    thread: UUID,
    twin: Twin,
    scene: Callable[[Product, Organization, UUID], tuple[Batch, str]],
) -> None:
    """One worker waits for the lock that somebody holds; without an order the other would have what it needs next."""
    items, statement = scene(product, organization, thread)
    workers = [twin(), twin()]
    for worker in workers:
        patient(worker.app)

    with held(product.database, statement):
        racers = [Background(partial(workers[0].apply, *items))]
        until_waiting(product.database)
        racers.append(Background(partial(workers[1].apply, *reversed(items))))
        until_waiting(product.database, 2)
    for racer in racers:
        racer.result()

    reports = product.database.rows("SELECT count(*) AS n FROM message_events")[0]["n"]
    texts = product.inbound_texts()
    assert (reports, len(texts)) in {(2, 0), (0, len(items)), (0, 0)}
    deliveries = product.database.rows("SELECT sum(deliveries) AS n FROM webhook_events")[0]["n"]
    assert deliveries == 4 + (2 if scene is _bodies else 0)


def test_a_set_waits_for_all_its_customers_before_it_files_anything(
    product: Product, organization: Organization, twin: Twin
) -> None:
    """Otherwise two sets that come from other lines of the same two customers could wait for each other."""
    lines = ("+919876500001", "+919876500002")
    threads = [product.add_thread(organization, phone=line) for line in lines]
    worker = twin()
    patient(worker.app)
    items = [received(organization, an_incoming("Hello", sid=line, sender=line)) for line in lines]
    customer_of = "(SELECT customer_id FROM threads WHERE id = %s)"

    with held(product.database, f"SELECT FROM customers WHERE id = {customer_of} FOR UPDATE", (threads[1],)):
        racer = Background(partial(worker.apply, *items))
        until_waiting(product.database)
        # Raises if the first message has locked its thread.
        product.database.rows("SELECT FROM threads WHERE id = %s FOR UPDATE NOWAIT", (threads[0],))
    racer.result()

    assert product.inbound_texts() == ["Hello", "Hello"]
