"""What the agent is told: that the thread has moved on, or what came of the message within a moment."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from banxway import errors
from banxway.errors import (
    OutcomeUnknown,
    ProviderRejected,
    ThreadMovedOn,
)
from banxway.models.actors import Actor
from tests.support.builders import Product
from tests.support.fakes import refused
from tests.support.outgoing import outbound
from tests.support.postgres import Organization
from tests.support.written_messages import a_text, nothing_happened, send

Twin = Callable[..., Product]


# Somebody wrote meanwhile.


def test_a_thread_that_has_moved_on_says_what_is_new(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    (seen,) = product.database.rows("SELECT id FROM messages")
    product.database.rows("UPDATE messages SET created_at = now() - interval '1 minute'")
    newer = product.add_inbound(organization, thread, body_text="Hello?")

    with pytest.raises(ThreadMovedOn) as refusal:
        send(product, agent, thread, a_text(last_seen_message_id=seen["id"]))
    assert refusal.value.details["new_messages"] == [newer]
    assert nothing_happened(product)

    send(product, agent, thread, a_text(last_seen_message_id=newer))
    assert len(outbound(product)) == 1


def test_our_own_messages_do_not_move_a_thread_on(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    (seen,) = product.database.rows("SELECT id FROM messages")
    product.database.rows("UPDATE messages SET created_at = now() - interval '1 minute'")
    product.add_message(organization, thread)

    send(product, agent, thread, a_text(last_seen_message_id=seen["id"]))

    assert len(outbound(product)) == 2


# What the agent is told.


def test_the_answer_names_the_providers_id_as_soon_as_the_worker_has_it(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    patient, worker = twin(send_wait_seconds=10.0), twin()
    delivering: list[threading.Thread] = []

    def enqueue(due: Any, delay_s: int = 0) -> None:
        one = threading.Thread(
            target=worker.app.delivery.deliver,
            kwargs={"organization_id": due.organization_id, "message_id": due.message_id},
        )
        delivering.append(one)
        one.start()

    patient.app.__dict__["enqueue_message"] = enqueue
    sent = send(patient, agent, thread, a_text())
    delivering[0].join()

    assert (sent.message_sid, sent.status) == ("sid-1", "queued")


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (refused(errors.ProviderRejected, "No such number", provider_code="30012"), ProviderRejected),
        (refused(errors.OutcomeUnknown), OutcomeUnknown),
    ],
    ids=["refused", "unknown"],
)
def test_an_outcome_that_came_within_the_wait_is_the_answer(
    product: Product, agent: Actor, thread: UUID, twin: Twin, outcome: Exception, error: type[Exception]
) -> None:
    patient, worker = twin(send_wait_seconds=10.0), twin()
    worker.providers.whatsapp.sending.then(outcome)
    patient.app.__dict__["enqueue_message"] = lambda due, delay_s=0: worker.app.delivery.deliver(
        organization_id=due.organization_id, message_id=due.message_id
    )

    with pytest.raises(error) as raised:
        send(patient, agent, thread, a_text())

    assert raised.value.details["message_id"] == outbound(product)[0]["id"]  # type: ignore[attr-defined]  # ours


def test_a_dead_queue_is_tolerated_and_the_sweeper_finds_the_row(
    product: Product, agent: Actor, thread: UUID
) -> None:
    product.message_queue.is_down = product.change_queue.is_down = True
    sent = send(product, agent, thread, a_text())
    assert sent.status == "queued"

    product.message_queue.is_down = product.change_queue.is_down = False
    product.database.rows("UPDATE messages SET next_attempt_at = now() - interval '30 seconds'")
    product.app.maintenance.sweep()

    assert [item.message_id for item in product.message_queue.items] == [sent.message_id]
