"""Callbacks with thousands of reports: applied in pieces, in order, once each, wherever a worker dies."""

import json
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

from banxway.errors import BanxwayError, Unavailable
from banxway.models.queue_items import CallbackReceived
from banxway.services.webhooks import pieces
from tests.support.databases.postgres import Organization
from tests.support.gates.chance import in_soak
from tests.support.product.builders import Product, a_report, an_incoming, received
from tests.support.timing.failpoints import Failpoints

LONGEST_PIECE = 200
REPORTS = in_soak(10_000, else_=600)
PIECE = 5
"""The size of a piece in the other tests, so that a few reports are several pieces."""


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization)


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_LONGEST_PIECE", PIECE)


def long_callback(
    product: Product, organization: Organization, items: list[dict[str, Any]]
) -> CallbackReceived:
    """Return a callback whose body is in the blob store, as its receiver leaves long ones."""
    body = json.dumps({"whatsapp": {"messages": items}}).encode()
    key = product.app.infrastructure.blobs.put(organization.id, body)
    return received(organization, body=body).model_copy(update={"body": None, "body_blob": key})


def work_off(product: Product) -> int:
    """Apply what was enqueued again, until nothing is left; return how many times."""
    rounds = 0
    while product.queues["webhook"].items:
        product.apply(product.queues["webhook"].items.pop(0))
        rounds += 1
    return rounds


def counts(product: Product) -> tuple[int, int, int]:
    (found,) = product.database.rows(
        """SELECT (SELECT count(*) FROM message_events) AS reports, (SELECT count(*) FROM messages
                   WHERE direction = 'inbound') AS messages, (SELECT count(*) FROM webhook_events) AS bodies"""
    )
    return found["reports"], found["messages"], found["bodies"]


def test_thousands_of_reports_are_all_applied_a_piece_at_a_time(
    product: Product, organization: Organization, thread: UUID
) -> None:
    message = product.add_message(organization, thread, status="accepted", provider_sid="sid-1")
    items = [a_report(f"other-{number}", 30002) for number in range(REPORTS - 1)] + [a_report("sid-1", 30003)]
    callback = long_callback(product, organization, items)

    product.apply(callback)

    assert counts(product) == (LONGEST_PIECE, 0, 1)
    (rest,) = product.queues["webhook"].items
    assert rest == callback.model_copy(update={"begin": LONGEST_PIECE})
    assert work_off(product) == REPORTS // LONGEST_PIECE - 1
    assert counts(product) == (REPORTS, 0, 1)
    assert product.row(message)["status"] == "read"


def test_messages_keep_their_order_over_the_pieces(
    product: Product, organization: Organization, thread: UUID, short_pieces: None
) -> None:
    texts = [f"{number:03}" for number in range(2 * PIECE + 3)]
    moment = "2026-01-15T10:00:00Z"
    items = [an_incoming(text, sid=f"in-{text}", timestamp=moment) for text in texts]

    product.apply(long_callback(product, organization, items))
    work_off(product)

    assert product.inbound_texts() == texts


@pytest.mark.parametrize("sid", ["in-{}", None], ids=["with ids", "without"])
def test_a_repeated_or_killed_piece_is_completed_and_nothing_is_there_twice(
    product: Product, organization: Organization, thread: UUID, sid: str | None, short_pieces: None
) -> None:
    """A worker that dies after any of its steps leaves the same item to the next one."""
    moment = "2026-01-15T10:00:00Z"
    items = [
        an_incoming("ok", sid=sid and sid.format(number), timestamp=moment) for number in range(2 * PIECE + 1)
    ]
    callback = long_callback(product, organization, items)

    product.queues["webhook"].is_down = True
    with pytest.raises(Unavailable):
        product.apply(callback)
    assert counts(product)[1] == PIECE
    product.queues["webhook"].is_down = False
    for _ in range(2):
        product.apply(callback)
    work_off(product)

    assert counts(product)[:2] == (0, len(items))


def test_killed_before_or_after_any_piece_the_rest_is_completed_by_the_next(
    product: Product, organization: Organization, thread: UUID, short_pieces: None
) -> None:
    """As with a queue: an item stays until its worker has ended, and so does what was enqueued before a death."""
    moment = "2026-01-15T10:00:00Z"
    texts = [f"{number:03}" for number in range(2 * PIECE + 1)]
    items = [an_incoming(text, sid=f"in-{text}", timestamp=moment) for text in texts]
    callback = long_callback(product, organization, items)
    waiting = [callback, *(callback.model_copy(update={"begin": begin}) for begin in (PIECE, 2 * PIECE))]

    for item in waiting:
        for moment in ("before", "after"):
            step = f"{moment} 1 commit webhooks.apply.Callbacks._apply"
            with closing(product.twin()) as process, Failpoints.killing(process.app, step):
                process.apply(item)
            assert product.queues["webhook"].items == []
        product.apply(item)
        assert product.queues["webhook"].items == waiting[waiting.index(item) + 1 :][:1]
        product.queues["webhook"].clear()

    assert product.inbound_texts() == texts


def test_a_set_of_long_bodies_is_applied_in_several_transactions(
    product: Product, organization: Organization, thread: UUID, short_pieces: None
) -> None:
    bodies = [[a_report(f"sid-{body}-{number}", 30002) for number in range(PIECE - 1)] for body in range(3)]

    steps = Failpoints.observe(
        product.app, lambda: product.apply(*(received(organization, *body) for body in bodies))
    )

    assert len(steps) // 2 == 3
    assert counts(product) == (3 * (PIECE - 1), 0, 3)


def test_a_body_in_the_blob_store_is_read_after_those_before_it_are_applied(
    product: Product, organization: Organization, thread: UUID
) -> None:
    """So that one of them at a time is in memory. What an earlier transaction applied stays if a later one fails."""
    lost = long_callback(product, organization, [a_report("sid-2", 30002)])
    lost = lost.model_copy(update={"body_blob": f"{lost.body_blob}-lost"})

    with pytest.raises(BanxwayError):
        product.apply(received(organization, a_report("sid-1", 30002)), lost)

    assert counts(product) == (1, 0, 1)


def test_what_was_revoked_between_two_pieces_takes_no_more_effect(
    product: Product, organization: Organization, thread: UUID, short_pieces: None
) -> None:
    integration = product.add_whatsapp(organization)
    items = [an_incoming("ok", sid=f"in-{number}") for number in range(PIECE + 1)]
    product.apply(received(organization, *items, integration=integration))

    product.database.rows("UPDATE integration_settings SET callback_generation = 2")
    work_off(product)

    assert counts(product)[1] == PIECE


def test_a_name_that_no_index_holds_stops_nobody(product: Product, organization: Organization) -> None:
    """Random, since a database compresses repetitions."""
    import random

    dice = random.Random(7)
    name = "".join(dice.choice("0123456789abcdef") for _ in range(20_000))
    items = [
        a_report(name, 30002),
        an_incoming("Hello", sid=name),
        an_incoming("And", sid="in-1", sender=name),
        an_incoming(
            "", sid="in-2", content={"type": "reaction", "reaction": {"message_id": name, "emoji": "👍"}}
        ),
    ]

    product.apply(received(organization, *items))

    assert product.inbound_texts() == ["Hello", "And"]
    assert counts(product)[0] == 1
