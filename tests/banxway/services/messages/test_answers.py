"""What the agent is reported: that the thread has moved on, or what came of the message within a moment."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import (
    OutcomeUnknown,
    ProviderRejected,
    ThreadMovedOn,
    ValidationFailed,
)
from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import outbound
from tests.support.ledger.written_messages import a_text, an_email, nothing_happened, send
from tests.support.product.builders import Product
from tests.support.product.fakes import refused
from tests.support.timing.clocks import SleeplessClock

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


@pytest.mark.parametrize("whose", ["another thread's", "nobody's"])
def test_a_message_that_was_not_seen_in_this_thread_is_refused_by_name(
    product: Product, agent: Actor, organization: Organization, thread: UUID, whose: str
) -> None:
    """Else the check that the sender asked for would be left out without a word."""
    elsewhere = product.add_inbound(organization, product.add_thread(organization, phone=None))

    with pytest.raises(ValidationFailed) as refusal:
        seen = elsewhere if whose == "another thread's" else uuid4()
        send(product, agent, thread, a_text(last_seen_message_id=seen))

    assert refusal.value.details["field"] == "last_seen_message_id"
    assert nothing_happened(product)


# What everybody else is reported.


def test_a_new_message_is_pushed_to_listeners_before_it_leaves(
    product: Product, agent: Actor, thread: UUID
) -> None:
    sent = send(product, agent, thread, a_text())

    news = product.database.rows(
        "SELECT organization_id, kind, thread_id, message_id FROM changes WHERE message_id IS NOT NULL"
    )
    assert news == [
        {
            "organization_id": agent.organization_id,
            "kind": "message.created",
            "thread_id": thread,
            "message_id": sent.message_id,
        }
    ]
    assert [item.organization_id for item in product.queues["change"].items] == [agent.organization_id]


def test_nothing_is_announced_before_it_can_be_found(product: Product, agent: Actor, thread: UUID) -> None:
    """A worker that takes the item looks for the row at once."""
    found: list[bool] = []
    product.queues["message"] = lambda due, delay_s: found.append(
        [row["id"] for row in outbound(product)] == [due.message_id]
    )

    send(product, agent, thread, a_text())

    assert found == [True]


# What the agent is reported.


def test_the_answer_names_the_providers_id_as_soon_as_the_worker_has_it(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    worker = twin()
    clock = SleeplessClock(on_sleep=lambda: _deliver_what_waits(worker) if len(clock.slept) == 3 else None)
    patient = twin(clock=clock, send_wait_seconds=10.0)

    sent = send(patient, agent, thread, a_text())

    assert (sent.message_sid, sent.status) == ("sid-1", "queued")
    assert len(clock.slept) == 3


def _deliver_what_waits(worker: Product) -> None:
    for row in outbound(worker):
        worker.app.messages.deliver.deliver(organization_id=row["organization_id"], message_id=row["id"])


def test_an_answer_waits_no_longer_than_it_was_reported(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    clock = SleeplessClock()
    patient = twin(clock=clock, send_wait_seconds=2.0)

    sent = send(patient, agent, thread, a_text())

    assert (sent.message_sid, sent.status) == (None, "queued")
    # And one look at most after it is over.
    assert 2.0 <= sum(clock.slept) < 2.1


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("sending", "queued"),
        ("accepted", "queued"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
    ],
)
def test_what_the_provider_has_only_accepted_is_still_queued_there(
    product: Product, agent: Actor, thread: UUID, twin: Twin, status: str, shown: str
) -> None:
    def move(_: object = None) -> None:
        product.database.rows("UPDATE messages SET status = %s WHERE direction = 'outbound'", (status,))

    patient = twin(clock=SleeplessClock(on_sleep=move), send_wait_seconds=1.0)

    assert send(patient, agent, thread, a_text()).status == shown


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
    worker = twin()
    worker.providers.whatsapp.sending.then(outcome)
    clock = SleeplessClock(on_sleep=lambda: _deliver_what_waits(worker))
    patient = twin(clock=clock, send_wait_seconds=10.0)

    with pytest.raises(error) as raised:
        send(patient, agent, thread, a_text())

    assert raised.value.details["message_id"] == outbound(product)[0]["id"]  # type: ignore[attr-defined]  # ours


def test_a_refusal_is_reported_with_the_providers_words_and_what_to_do(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    worker = twin()
    said = {"provider_code": "30012", "provider_message": "Invalid recipient", "advice": "Correct the number"}
    worker.providers.whatsapp.sending.then(refused(errors.ProviderRejected, "Refused", **said))
    clock = SleeplessClock(on_sleep=lambda: _deliver_what_waits(worker))

    with pytest.raises(ProviderRejected, match="Invalid recipient") as raised:
        send(twin(clock=clock, send_wait_seconds=10.0), agent, thread, a_text())

    refusal = raised.value
    assert (refusal.provider_code, refusal.provider_message) == ("30012", "Invalid recipient")
    assert (refusal.provider, refusal.details["advice"]) == ("exotel", "Correct the number")


def test_a_mail_is_refused_in_its_servers_name(
    product: Product, agent: Actor, organization: Organization, thread: UUID, twin: Twin
) -> None:
    product.add_mailbox(organization)
    worker = twin()
    worker.providers.mail_sender.sending.then(refused(errors.ProviderRejected, "550 No such user"))
    clock = SleeplessClock(on_sleep=lambda: _deliver_what_waits(worker))

    with pytest.raises(ProviderRejected) as raised:
        send(twin(clock=clock, send_wait_seconds=10.0), agent, thread, an_email())

    assert raised.value.provider == "smtp"


def test_a_dead_queue_is_tolerated_and_the_sweeper_finds_the_row(
    product: Product, agent: Actor, thread: UUID
) -> None:
    product.queues["message"].is_down = product.queues["change"].is_down = True
    sent = send(product, agent, thread, a_text())
    assert sent.status == "queued"

    product.queues["message"].is_down = product.queues["change"].is_down = False
    product.database.rows("UPDATE messages SET next_attempt_at = now() - interval '30 seconds'")
    product.app.maintenance.sweep.sweep()

    assert [item.message_id for item in product.queues["message"].items] == [sent.message_id]
