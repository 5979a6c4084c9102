"""A request repeated, and a database that breaks: the customer is contacted once (fault 32)."""

from collections.abc import Callable
from uuid import UUID

import pytest

from banxway.errors import (
    Conflict,
    TemplateRequired,
    Unavailable,
)
from banxway.models.actors import Actor
from banxway.models.messages.messages import IdempotencyKey
from banxway.storage.database import CommitUncertain
from banxway.storage.messages import idempotency
from tests.support.databases.postgres import Organization
from tests.support.databases.postgres_wire import over_tcp, socket_of
from tests.support.databases.relay import Relay
from tests.support.ledger.outgoing import outbound
from tests.support.ledger.written_messages import a_text, nothing_happened, send
from tests.support.product.builders import Product
from tests.support.timing.racing import Background, held_changes, patient, until_waiting

Twin = Callable[..., Product]


# The same request again.


def test_a_key_gives_the_first_answer_again_and_contacts_nobody(
    product: Product, agent: Actor, thread: UUID
) -> None:
    once = IdempotencyKey(key="k1", route="POST /threads")

    first = send(product, agent, thread, a_text(), once)
    product.database.rows("UPDATE messages SET status = 'read' WHERE direction = 'outbound'")
    again = send(product, agent, thread, a_text(), once)

    assert again == first
    assert len(outbound(product)) == 1
    assert len(product.queues["message"].items) == 1


@pytest.mark.parametrize("other", ["body", "thread"])
def test_a_key_that_named_another_request_is_refused(
    product: Product, agent: Actor, organization: Organization, thread: UUID, other: str
) -> None:
    once = IdempotencyKey(key="k1", route="POST /threads")
    send(product, agent, thread, a_text(), once)
    elsewhere = product.add_thread(organization, phone="+919812345678") if other == "thread" else thread

    with pytest.raises(Conflict, match="Idempotency-Key"):
        send(product, agent, elsewhere, a_text("Other words") if other == "body" else a_text(), once)

    assert len(outbound(product)) == 1


def test_a_key_belongs_to_one_user_and_one_route(
    product: Product, agent: Actor, admin: Actor, thread: UUID
) -> None:
    send(product, agent, thread, a_text(), IdempotencyKey(key="k1", route="POST /a"))
    send(product, agent, thread, a_text(), IdempotencyKey(key="k1", route="POST /b"))
    send(product, admin, thread, a_text(), IdempotencyKey(key="k1", route="POST /a"))

    assert len(outbound(product)) == 3


def test_a_key_used_ten_times_at_once_sends_one_message(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    """All have begun before the first has committed."""
    processes = [twin() for _ in range(10)]

    def send_from(process: Product) -> UUID:
        patient(process.app)
        return send(process, agent, thread, a_text(), IdempotencyKey(key="k1", route="POST /a")).message_id

    with held_changes(product.database, agent.organization_id):
        sending = [Background(lambda each=each: send_from(each)) for each in processes]
        until_waiting(product.database, len(processes))

    answers = [one.result() for one in sending]
    (row,) = outbound(product)
    assert answers == [row["id"]] * 10
    assert len(product.queues["message"].items) == 1


def test_the_first_answer_that_was_given_for_a_key_stays(
    product: Product, agent: Actor, thread: UUID
) -> None:
    """Two requests may both wait for the outcome; each must be reported the same for ever."""
    once = IdempotencyKey(key="k1", route="POST /a")
    first = send(product, agent, thread, a_text(), once)

    with product.app.infrastructure.database.as_actor(agent) as transaction:
        idempotency.keep_answer(
            transaction, user_id=agent.user_id, route=once.route, key=once.key, answer={"status": "read"}
        )

    assert send(product, agent, thread, a_text(), once) == first


@pytest.mark.parametrize("other", ["user", "route", "key"])
def test_an_answer_is_kept_for_its_own_key(
    product: Product, agent: Actor, admin: Actor, thread: UUID, other: str
) -> None:
    once = IdempotencyKey(key="k1", route="POST /a")
    whose = {"user": (admin, once), "route": (agent, IdempotencyKey(key="k1", route="POST /b"))}.get(
        other, (agent, IdempotencyKey(key="k2", route="POST /a"))
    )
    for actor, each in ((agent, once), whose):
        send(product, actor, thread, a_text(), each)
    product.database.rows("UPDATE idempotency_keys SET answer = NULL")

    with product.app.infrastructure.database.as_actor(agent) as transaction:
        idempotency.keep_answer(
            transaction, user_id=agent.user_id, route=once.route, key=once.key, answer={"status": "read"}
        )

    kept = product.database.rows("SELECT user_id, route, key FROM idempotency_keys WHERE answer IS NOT NULL")
    assert kept == [{"user_id": agent.user_id, "route": "POST /a", "key": "k1"}]


def test_an_outcome_that_is_not_known_yet_is_reported_as_it_is_then(
    product: Product, agent: Actor, thread: UUID
) -> None:
    """The first request ended before it could answer: the message answers for itself."""
    once = IdempotencyKey(key="k1", route="POST /a")
    sent = send(product, agent, thread, a_text(), once)
    product.database.rows("UPDATE idempotency_keys SET answer = NULL")
    product.database.rows(
        "UPDATE messages SET status = 'accepted', provider_sid = 'sid-1' WHERE direction = 'outbound'"
    )

    again = send(product, agent, thread, a_text(), once)

    assert (again.message_id, again.message_sid, again.status) == (sent.message_id, "sid-1", "queued")


def test_a_refused_request_leaves_its_key_free(product: Product, agent: Actor, thread: UUID) -> None:
    once = IdempotencyKey(key="k1", route="POST /a")
    with pytest.raises(TemplateRequired):
        send(product, agent, thread, a_text(to="+919812345678"), once)

    send(product, agent, thread, a_text(), once)

    assert len(outbound(product)) == 1


# A database that breaks (fault 32).


def test_a_commit_whose_answer_is_lost_is_looked_up_and_not_sent_twice(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))
        relay.lose_answer_to(b"COMMIT")

        sent = send(broken, agent, thread, a_text(), IdempotencyKey(key="k1", route="POST /a"))
        again = send(broken, agent, thread, a_text(), IdempotencyKey(key="k1", route="POST /a"))
        broken.app.infrastructure.database.close()

    assert relay.lost_answers == 1
    assert [row["id"] for row in outbound(product)] == [sent.message_id] == [again.message_id]
    assert [item.message_id for item in product.queues["message"].items] == [sent.message_id]


def test_a_commit_that_never_arrived_is_an_error_and_leaves_nothing(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))

        def cut_at_commit(chunk: bytes) -> None:
            if b"COMMIT" in chunk:
                relay.to_server.watch = None
                raise ConnectionAbortedError

        relay.to_server.watch = cut_at_commit
        with pytest.raises(CommitUncertain):
            send(broken, agent, thread, a_text())
        broken.app.infrastructure.database.close()

    assert nothing_happened(product)


@pytest.mark.parametrize("request_number", [2, 4, 6, 8, 10, 12])
def test_a_send_cut_in_the_middle_has_sent_nothing(
    product: Product, agent: Actor, thread: UUID, twin: Twin, request_number: int
) -> None:
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))
        relay.cut_at_request(request_number)
        once = IdempotencyKey(key="k1", route="POST /a")
        try:
            send(broken, agent, thread, a_text(), once)
        except Unavailable:
            assert nothing_happened(product)
            send(broken, agent, thread, a_text(), once)
        broken.app.infrastructure.database.close()

    assert len(outbound(product)) == 1
    assert len(product.queues["message"].items) == 1
