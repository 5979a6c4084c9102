"""The ledger when something breaks: at most one hand-over, and an outcome that evidence settles."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import Unavailable
from banxway.models.actors import Actor
from banxway.models.messages.messages import RetryOfMessage
from banxway.models.queue_items import CallbackReceived
from banxway.storage.messages import ledger
from tests.support.databases.postgres import Organization
from tests.support.databases.postgres_wire import over_tcp, socket_of
from tests.support.databases.relay import Relay
from tests.support.ledger.outgoing import FOUR
from tests.support.product.builders import Product, a_report, received
from tests.support.product.fakes import refused
from tests.support.timing.clocks import SetClock
from tests.support.timing.racing import Background, held_changes, patient, until_waiting
from tests.support.timing.waiting import eventually

Twin = Callable[..., Product]


# Evidence that comes from elsewhere.


def test_a_callback_before_the_answer_settles_and_the_answer_agrees(
    product: Product, organization: Organization, queued: UUID, twin: Twin
) -> None:
    other = twin()

    def answer(_: Any) -> None:
        other.apply(received(organization, a_report("sid-1", 30002), about=queued))
        assert product.row(queued)["status"] == "delivered"

    product.providers.whatsapp.sending.then(answer)

    product.deliver(organization, queued)

    assert product.row(queued)["status"] == "delivered"
    assert product.row(queued)["provider_sid"] == "sid-1"


@pytest.mark.parametrize(
    "error",
    [refused(errors.OutcomeUnknown), refused(errors.ProviderThrottled), refused(errors.ProviderRejected)],
    ids=["silent", "throttled", "rejected"],
)
def test_an_answer_that_contradicts_a_delivery_report_changes_nothing(
    product: Product, organization: Organization, queued: UUID, twin: Twin, error: errors.ProviderError
) -> None:
    other = twin()

    def answer(_: Any) -> None:
        other.apply(received(organization, a_report("sid-1", 30002), about=queued))
        raise error

    product.providers.whatsapp.sending.then(answer)

    product.deliver(organization, queued)
    product.make_due(queued)
    product.deliver(organization, queued)

    assert product.queues["message"].items == []
    assert product.row(queued)["status"] == "delivered"
    assert len(product.providers.whatsapp.sent) == 1


@pytest.mark.parametrize(
    ("code", "status"), [(30001, "sent"), (30002, "delivered"), (30003, "read"), (30012, "failed")]
)
def test_an_unknown_outcome_is_settled_by_a_report_and_never_sent_again(
    product: Product, organization: Organization, queued: UUID, code: int, status: str
) -> None:
    product.providers.whatsapp.sending.then(refused(errors.OutcomeUnknown))
    product.deliver(organization, queued)
    for _ in range(3):
        product.make_due(queued)
        product.deliver(organization, queued)
        product.app.maintenance.sweep.sweep()
    assert product.row(queued)["status"] == "unknown"

    product.apply(received(organization, a_report("lost-sid", code), about=queued))

    row = product.row(queued)
    assert (row["status"], row["provider_sid"]) == (status, "lost-sid")
    assert len(product.providers.whatsapp.sent) == 1
    assert (row["failure_reason"] is None) == (status != "failed")


def test_reports_that_came_before_their_message_was_known_are_joined_to_it(
    product: Product, organization: Organization, queued: UUID
) -> None:
    """At the integration's own address, without our reference: only the sid says what they are about."""
    (row,) = product.database.rows("SELECT id FROM integration_credentials")
    for code in (30003, 30001):
        product.apply(received(organization, a_report("sid-1", code), integration=row["id"]))

    product.deliver(organization, queued)

    assert product.row(queued)["status"] == "read"
    orphans = product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL")
    assert orphans == []


def _report_at_the_dashboards_address(
    product: Product, organization: Organization, *sids: str
) -> CallbackReceived:
    (row,) = product.database.rows("SELECT id FROM integration_credentials")
    return received(organization, *(a_report(sid, 30003) for sid in sids), integration=row["id"])


def test_a_report_that_comes_while_the_answer_is_being_recorded_is_joined(
    product: Product, organization: Organization, queued: UUID, twin: Twin
) -> None:
    """Neither sees the other before both are committed: the report would wait for its message for ever."""
    worker, other = twin(), twin()
    patient(worker.app)
    patient(other.app)
    report = _report_at_the_dashboards_address(product, organization, "sid-1")

    with held_changes(product.database, organization.id):
        delivering = Background(lambda: worker.deliver(organization, queued))
        until_waiting(product.database)
        applying = Background(lambda: other.apply(report))
        eventually(lambda: applying.is_over or product.database.waiting_for_locks() == 2)
    delivering.result()
    applying.result()

    assert product.row(queued)["status"] == "read"
    assert product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL") == []


def test_an_answer_that_comes_while_a_report_is_being_applied_joins_it(
    product: Product, organization: Organization, queued: UUID, twin: Twin
) -> None:
    worker, other = twin(), twin()
    patient(worker.app)
    patient(other.app)
    known = product.add_message(
        organization, product.row(queued)["thread_id"], status="accepted", provider_sid="sid-2"
    )
    batch = _report_at_the_dashboards_address(product, organization, "sid-1", "sid-2")

    with held_changes(product.database, organization.id):
        applying = Background(lambda: other.apply(batch))
        until_waiting(product.database)
        delivering = Background(lambda: worker.deliver(organization, queued))
        until_waiting(product.database, 2)
    delivering.result()
    applying.result()

    assert [product.row(message)["status"] for message in (queued, known)] == ["read", "read"]
    assert product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL") == []


def test_a_failure_that_came_before_its_message_was_known_says_why(
    product: Product, organization: Organization, queued: UUID
) -> None:
    (row,) = product.database.rows("SELECT id FROM integration_credentials")
    product.apply(
        received(organization, a_report("sid-1", 30012, description="No such number"), integration=row["id"])
    )

    product.deliver(organization, queued)

    message = product.row(queued)
    assert (message["status"], message["provider_code"], message["failure_reason"]) == (
        "failed",
        "30012",
        "No such number",
    )


def test_a_word_nobody_knows_that_came_early_keeps_no_answer_from_being_recorded(
    product: Product, organization: Organization, queued: UUID
) -> None:
    (row,) = product.database.rows("SELECT id FROM integration_credentials")
    for code in (39999, 30001):
        product.apply(received(organization, a_report("sid-1", code), integration=row["id"]))

    product.deliver(organization, queued)

    assert product.row(queued)["status"] == "sent"
    assert product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL") == []


def test_early_reports_on_other_messages_stay_theirs(
    product: Product, organization: Organization, queued: UUID
) -> None:
    (row,) = product.database.rows("SELECT id FROM integration_credentials")
    product.apply(received(organization, a_report("sid-2", 30003), integration=row["id"]))

    product.deliver(organization, queued)

    assert (product.row(queued)["status"], product.row(queued)["provider_sid"]) == ("accepted", "sid-1")
    assert len(product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL")) == 1


# A worker or a database that dies in between.


def test_a_worker_that_dies_after_the_hand_over_leaves_an_unknown_and_no_second_send(
    product: Product, organization: Organization, queued: UUID, twin: Twin
) -> None:
    dying, next_worker = twin(), twin()

    def die(_: Any) -> None:
        raise SystemExit("killed")

    product.providers.whatsapp.sending.then(die)
    with pytest.raises(SystemExit):
        dying.deliver(organization, queued)
    next_worker.deliver(organization, queued)
    assert product.row(queued)["status"] == "sending"

    product.database.rows("UPDATE messages SET lease_until = now() - interval '1 second'")
    swept = next_worker.app.maintenance.sweep.sweep()
    next_worker.deliver(organization, queued)

    assert swept.unknown == 1
    assert product.row(queued)["status"] == "unknown"
    assert "ask the customer" in product.row(queued)["failure_advice"]
    assert len(product.providers.whatsapp.sent) == 1


def test_a_worker_slower_than_its_lease_still_records_what_it_learned(
    product: Product, organization: Organization, queued: UUID, twin: Twin
) -> None:
    other = twin()

    def answer(_: Any) -> None:
        product.database.rows("UPDATE messages SET lease_until = now() - interval '1 second'")
        other.app.maintenance.sweep.sweep()
        assert product.row(queued)["status"] == "unknown"

    product.providers.whatsapp.sending.then(answer)

    product.deliver(organization, queued)

    assert (product.row(queued)["status"], product.row(queued)["failure_reason"]) == ("accepted", None)


@pytest.mark.parametrize(
    "error",
    [refused(errors.ProviderRejected), refused(errors.OutcomeUnknown), refused(errors.ProviderThrottled)],
    ids=["rejected", "silent", "throttled"],
)
@pytest.mark.parametrize("attempts", [1, 5], ids=["first attempt", "last attempt"])
def test_a_worker_far_slower_than_its_lease_says_nothing_of_a_later_attempt(
    product: Product,
    organization: Organization,
    queued: UUID,
    agent: Actor,
    twin: Twin,
    error: errors.ProviderError,
    attempts: int,
) -> None:
    """Its message became unknown, a person had it sent again, and the second worker is sending it right now."""
    sweeper, second = twin(), twin()
    product.add_inbound(organization, product.row(queued)["thread_id"])
    product.database.rows("UPDATE messages SET attempts = %s WHERE id = %s", (attempts - 1, queued))

    def be_slow(_: Any) -> None:
        product.database.rows("UPDATE messages SET lease_until = now() - interval '1 second'")
        sweeper.app.maintenance.sweep.sweep()
        wish = RetryOfMessage(confirm_not_delivered=True)
        sweeper.app.messages.send.retry(actor=agent, message_id=queued, wish=wish, once=None)
        with second.app.infrastructure.database.organization(organization.id) as transaction:
            assert ledger.claim(transaction, message_id=queued, lease_id=uuid4(), lease_s=150, in_flight=FOUR)
        raise error

    product.providers.whatsapp.sending.then(be_slow)
    product.deliver(organization, queued)

    row = product.row(queued)
    assert (row["status"], row["failure_reason"], row["took_nothing"]) == ("sending", None, False)


@pytest.mark.parametrize("request_number", range(1, 16))
def test_a_database_that_breaks_at_any_statement_never_makes_a_second_send(
    product: Product, organization: Organization, queued: UUID, twin: Twin, request_number: int
) -> None:
    """Cut once at each request of a delivery, then everything that would try again does.

    Its clock stands still, so that the epoch is not looked at a second time on its way.
    """
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(clock=SetClock(), database_url=over_tcp(product.database.app_url, relay.port))
        broken.app.messages.ledger_epoch.require_current()
        relay.cut_at_request(request_number)
        for _ in range(3):
            try:
                broken.deliver(organization, queued)
            except Unavailable:
                continue
        broken.app.infrastructure.database.close()
    product.database.rows(
        "UPDATE messages SET lease_until = now() - interval '1 second', next_attempt_at = now()"
    )
    product.app.maintenance.sweep.sweep()
    product.deliver(organization, queued)

    sent = len(product.providers.whatsapp.sent)
    status = product.row(queued)["status"]
    assert (sent, status) in {(1, "accepted"), (1, "unknown"), (0, "unknown")}


@pytest.mark.parametrize("lost", [1, 2], ids=["claim", "record"])
def test_a_commit_whose_answer_is_lost_never_makes_a_second_send(
    product: Product, organization: Organization, queued: UUID, twin: Twin, lost: int
) -> None:
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(clock=SetClock(), database_url=over_tcp(product.database.app_url, relay.port))
        broken.app.messages.ledger_epoch.require_current()
        if lost == 1:
            relay.lose_answer_to(b"COMMIT")
        else:
            product.providers.whatsapp.sending.then(lambda _: relay.lose_answer_to(b"COMMIT"))

        with pytest.raises(Unavailable):
            broken.deliver(organization, queued)
        broken.deliver(organization, queued)
        broken.app.infrastructure.database.close()

    assert relay.lost_answers == 1
    assert len(product.providers.whatsapp.sent) == lost - 1
    assert product.row(queued)["status"] == ("sending" if lost == 1 else "accepted")


# The epoch.


def test_a_restored_database_sends_nothing(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.app.infrastructure.blobs.write("ledger-epoch", b"7")

    with pytest.raises(Unavailable, match="restored from a backup"):
        product.deliver(organization, queued)

    assert product.providers.whatsapp.sent == []
    assert product.row(queued)["status"] == "queued"
    assert product.row(queued)["attempts"] == 0


def test_a_blob_store_that_is_down_sends_nothing(
    product: Product, organization: Organization, queued: UUID
) -> None:
    (product.folder / "blobs").write_text("not a folder")

    with pytest.raises(Unavailable):
        product.deliver(organization, queued)

    assert product.providers.whatsapp.sent == []
