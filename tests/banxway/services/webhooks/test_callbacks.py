"""Applying callbacks: repeated, reordered, mixed, early, strange or revoked, they take effect once."""

import hashlib
import itertools
import json
import random
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banxway.errors import Unavailable
from banxway.models.messages.statuses import MessageStatus
from banxway.models.queue_items import CallbackReceived
from banxway.storage.messages import ledger
from banxway.storage.realtime import changes
from tests.support.databases.postgres import Organization
from tests.support.databases.postgres_wire import over_tcp, socket_of
from tests.support.databases.relay import Relay
from tests.support.gates.chance import in_soak
from tests.support.product.builders import Product, a_report, an_incoming, fingerprint, received
from tests.support.timing.racing import Background, patient, until_waiting

Twin = Callable[..., Product]

SENT, DELIVERED, READ, FAILED = 30001, 30002, 30003, 30012


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization)


@pytest.fixture
def accepted(product: Product, organization: Organization, thread: UUID) -> UUID:
    """A message that the provider accepted and knows as sid-1."""
    return product.add_message(organization, thread, status="accepted", provider_sid="sid-1")


@pytest.fixture
def integration(product: Product, organization: Organization) -> UUID:
    return product.add_whatsapp(organization)


def _apply(product: Product, item: CallbackReceived) -> None:
    product.apply(item)


# Status.


@pytest.mark.parametrize(
    ("code", "status"), [(SENT, "sent"), (DELIVERED, "delivered"), (READ, "read"), (FAILED, "failed")]
)
def test_a_report_moves_its_message_and_tells_listeners(
    product: Product, organization: Organization, accepted: UUID, thread: UUID, code: int, status: str
) -> None:
    _apply(product, received(organization, a_report("sid-1", code), about=accepted))

    assert product.row(accepted)["status"] == status
    (change,) = product.database.rows("SELECT * FROM changes WHERE message_id IS NOT NULL")
    assert (change["kind"], change["thread_id"], change["message_id"]) == ("message.status", thread, accepted)
    assert product.queues["change"].items[0].organization_id == organization.id


def test_a_failure_says_what_exotel_said_and_what_to_do(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    report = a_report("sid-1", FAILED, "EX_INVALID_RECIPIENT", description="Recipient is not valid")

    _apply(product, received(organization, report, about=accepted))

    row = product.row(accepted)
    assert (row["provider_code"], row["failure_reason"]) == ("30012", "Recipient is not valid")
    assert "correct it" in row["failure_advice"]


def test_a_message_that_failed_and_then_arrived_has_arrived(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    for code in (FAILED, DELIVERED):
        _apply(product, received(organization, a_report("sid-1", code), about=accepted))

    row = product.row(accepted)
    assert row["status"] == "delivered"
    assert (row["failure_reason"], row["failure_advice"], row["provider_code"]) == (None, None, None)


@pytest.mark.parametrize(
    "codes",
    [
        (SENT, DELIVERED, READ),
        (SENT, FAILED),
        (FAILED, DELIVERED),
        (SENT, DELIVERED, READ, FAILED),
        (READ, 30999),
    ],
    ids=str,
)
def test_every_order_of_the_same_reports_leaves_the_same_row(
    product: Product, organization: Organization, thread: UUID, codes: tuple[int, ...]
) -> None:
    outcomes = set()
    for number, order in enumerate(itertools.permutations(codes)):
        sid = f"sid-{number}"
        message = product.add_message(organization, thread, status="accepted", provider_sid=sid)
        for code in order:
            _apply(product, received(organization, a_report(sid, code), about=message))
        row = product.row(message)
        times = ("occurred_at", "ordered_at", "arrival", "created_at", "updated_at", "next_attempt_at")
        own = ("id", "provider_sid", *times)
        outcomes.add(fingerprint(row, without=own))

    assert len(outcomes) == 1


@settings(
    max_examples=in_soak(1000, else_=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    codes=st.lists(st.sampled_from([SENT, DELIVERED, READ, FAILED, 30999]), min_size=1, max_size=6),
    order=st.randoms(use_true_random=False),
    in_one_body=st.booleans(),
)
def test_repeated_reordered_and_batched_reports_fold_to_the_same_status(
    product: Product, organization: Organization, codes: list[int], order: random.Random, in_one_body: bool
) -> None:
    thread = product.add_thread(organization, phone=None)
    statuses = []
    for shuffles in (False, True):
        sid = uuid4().hex
        message = product.add_message(organization, thread, status="accepted", provider_sid=sid)
        reports = [a_report(sid, code) for code in codes]
        if shuffles:
            reports = reports * 2
            order.shuffle(reports)
        bodies = [reports] if in_one_body and shuffles else [[report] for report in reports]
        for body in bodies:
            _apply(product, received(organization, *body, about=message))
        statuses.append(product.row(message)["status"])

    assert statuses[0] == statuses[1]


def test_a_hundred_repetitions_of_every_callback_shuffled_leave_the_row_as_it_was(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    callbacks = [
        received(organization, a_report("sid-1", code), about=accepted)
        for code in (SENT, FAILED, DELIVERED, READ)
    ]
    for callback in callbacks:
        _apply(product, callback)
    before = fingerprint(product.row(accepted), without=())
    changed = product.database.rows("SELECT * FROM changes WHERE message_id IS NOT NULL")
    product.queues["change"].clear()

    repetitions = callbacks * 100
    random.Random(7).shuffle(repetitions)
    for callback in repetitions:
        _apply(product, callback)

    assert fingerprint(product.row(accepted), without=()) == before
    assert product.database.rows("SELECT * FROM changes WHERE message_id IS NOT NULL") == changed
    assert product.queues["change"].items == []
    events = product.database.rows("SELECT deliveries FROM webhook_events")
    assert [event["deliveries"] for event in events] == [101] * 4


def test_a_word_nobody_knows_is_kept_as_it_came_and_does_not_move_its_message(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    before = fingerprint(product.row(accepted), without=())

    _apply(product, received(organization, a_report("sid-1", 39999, "EX_BRAND_NEW"), about=accepted))

    assert fingerprint(product.row(accepted), without=()) == before
    (event,) = product.database.rows("SELECT status, provider_code, provider_status FROM message_events")
    assert event == {"status": None, "provider_code": "39999", "provider_status": "EX_BRAND_NEW"}
    (kept,) = product.database.rows("SELECT body, outcome FROM webhook_events")
    assert "EX_BRAND_NEW" in kept["body"]


def test_a_partial_report_blanks_nothing(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    _apply(product, received(organization, a_report("sid-1", FAILED), about=accepted))
    before = fingerprint(product.row(accepted))

    bare = {"callback_type": "dlr", "sid": "sid-1", "exo_detailed_status": "EX_MESSAGE_SENT"}
    _apply(product, received(organization, bare, about=accepted))

    assert fingerprint(product.row(accepted)) == before


# Which message a report is about.


def test_a_report_finds_its_message_by_the_providers_name_for_it(
    product: Product, organization: Organization, accepted: UUID, integration: UUID
) -> None:
    _apply(product, received(organization, a_report("sid-1", READ), integration=integration))

    assert product.row(accepted)["status"] == "read"


def test_a_report_finds_its_message_by_our_own_reference_in_it(
    product: Product, organization: Organization, thread: UUID, integration: UUID
) -> None:
    message = product.add_message(organization, thread, status="unknown")

    report = a_report("sid-9", DELIVERED, custom_data=str(message))
    _apply(product, received(organization, report, integration=integration))

    assert (product.row(message)["status"], product.row(message)["provider_sid"]) == ("delivered", "sid-9")


@pytest.mark.parametrize("reference", ["order 4711", "", str(uuid4())], ids=["words", "empty", "unknown id"])
def test_a_reference_that_is_not_ours_names_nothing(
    product: Product, organization: Organization, thread: UUID, reference: str
) -> None:
    message = product.add_message(organization, thread, status="unknown")

    _apply(product, received(organization, a_report("sid-9", READ, custom_data=reference), about=message))

    assert product.row(message)["status"] == "read"


def test_a_report_on_another_message_at_this_ones_address_is_the_others(
    product: Product, organization: Organization, thread: UUID, accepted: UUID
) -> None:
    other = product.add_message(organization, thread, status="accepted", provider_sid="sid-2")

    _apply(product, received(organization, a_report("sid-2", READ), about=accepted))

    assert (product.row(accepted)["status"], product.row(other)["status"]) == ("accepted", "read")


def test_a_report_with_a_foreign_sid_does_not_touch_a_message_that_has_its_own(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    _apply(product, received(organization, a_report("somebody-elses", READ), about=accepted))

    assert product.row(accepted)["status"] == "accepted"
    (orphan,) = product.database.rows("SELECT message_id, provider_sid FROM message_events")
    assert orphan == {"message_id": None, "provider_sid": "somebody-elses"}


def test_a_report_never_settles_another_organizations_message(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    stranger = product.database.add_organization("Other")

    _apply(product, received(stranger, a_report("sid-1", READ, custom_data=str(accepted)), about=accepted))

    assert product.row(accepted)["status"] == "accepted"


def test_a_report_on_a_customers_message_moves_nothing(
    product: Product, organization: Organization, thread: UUID
) -> None:
    inbound = product.add_inbound(organization, thread, provider_sid="sid-in")

    _apply(product, received(organization, a_report("sid-in", READ), about=inbound))

    assert product.row(inbound)["status"] == "received"


def test_reports_that_nobody_could_place_are_joined_when_one_names_the_message(
    product: Product, organization: Organization, thread: UUID, integration: UUID
) -> None:
    """The answer to the send was lost; "read" comes without our reference, and then "sent" with it."""
    message = product.add_message(organization, thread, status="unknown")

    _apply(product, received(organization, a_report("sid-1", READ), integration=integration))
    assert product.row(message)["status"] == "unknown"
    _apply(product, received(organization, a_report("sid-1", SENT), about=message))

    assert product.row(message)["status"] == "read"
    assert product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL") == []


@pytest.mark.parametrize("names", ["its address", "our reference"])
def test_a_report_that_nobody_could_place_counts_when_it_comes_again_and_names_the_message(
    product: Product, organization: Organization, thread: UUID, integration: UUID, names: str
) -> None:
    """The same report comes to the integration's URL first, and then to the URL of its message."""
    message = product.add_message(organization, thread, status="unknown")
    report = a_report("sid-1", READ)
    _apply(product, received(organization, report, integration=integration))
    assert product.row(message)["status"] == "unknown"

    _apply(
        product,
        received(organization, report, about=message)
        if names == "its address"
        else received(organization, report | {"custom_data": str(message)}, integration=integration),
    )

    row = product.row(message)
    assert (row["status"], row["provider_sid"]) == ("read", "sid-1")
    assert len(product.database.rows("SELECT 1 AS one FROM changes WHERE message_id IS NOT NULL")) == 1
    (event,) = product.database.rows("SELECT message_id FROM message_events")
    assert event == {"message_id": message}


def test_a_word_nobody_knows_on_a_message_that_is_joined_later_changes_nothing(
    product: Product, organization: Organization, thread: UUID, integration: UUID
) -> None:
    message = product.add_message(organization, thread, status="unknown")

    report = a_report("sid-1", 39999)
    _apply(product, received(organization, report, integration=integration))
    _apply(product, received(organization, report, about=message))

    assert product.row(message)["status"] == "unknown"
    assert product.database.rows("SELECT kind FROM changes WHERE message_id IS NOT NULL") == []
    _apply(product, received(organization, a_report("sid-1", SENT), about=message))
    assert product.row(message)["status"] == "sent"
    assert product.database.rows("SELECT id FROM message_events WHERE message_id IS NULL") == []


def test_an_early_failure_says_why_when_its_message_is_found(
    product: Product, organization: Organization, thread: UUID, integration: UUID
) -> None:
    message = product.add_message(organization, thread, status="unknown")
    early = a_report("sid-1", FAILED, description="Recipient is not valid")

    _apply(product, received(organization, early, integration=integration))
    _apply(product, received(organization, a_report("sid-1", SENT), about=message))

    row = product.row(message)
    assert (row["status"], row["provider_code"], row["failure_reason"]) == (
        "failed",
        "30012",
        "Recipient is not valid",
    )


# A body, as a whole.


def test_a_batch_of_both_kinds_takes_effect_entry_by_entry(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    batch = [
        a_report("sid-1", SENT),
        an_incoming("First", sid="in-1"),
        {"callback_type": "something_new", "sid": "x"},
        an_incoming("Second", sid="in-2"),
        a_report("sid-1", READ),
        a_report("not-ours", READ),
    ]

    _apply(product, received(organization, *batch, about=accepted))

    assert product.row(accepted)["status"] == "read"
    assert sorted(product.inbound_texts()) == ["First", "Second"]
    (event,) = product.database.rows("SELECT outcome FROM webhook_events")
    assert event == {"outcome": "applied"}


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"{not json", "unreadable"),
        (b"\xff\xfe\x00", "unreadable"),
        (b'{"event": "brand_new"}', "unknown"),
        (b'{"whatsapp": {"messages": []}}', "unknown"),
    ],
    ids=["no JSON", "no text", "unknown event", "empty"],
)
def test_what_says_nothing_to_us_is_kept_and_done_with(
    product: Product, organization: Organization, body: bytes, outcome: str
) -> None:
    _apply(product, received(organization, body=body))

    (event,) = product.database.rows("SELECT outcome, body FROM webhook_events")
    assert event["outcome"] == outcome
    assert event["body"]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"before\x00after", "before\\x00after"),
        (b"half \xe0\xa4 a letter", "half \\xe0\\xa4 a letter"),
        ("नमस्ते".encode(), "नमस्ते"),
    ],
    ids=["NUL", "half a letter", "Hindi"],
)
def test_every_byte_of_what_cannot_be_read_can_be_reported_from_what_is_kept(
    product: Product, organization: Organization, body: bytes, kept: str
) -> None:
    """No database stores a NUL, and no text half a character: they are escaped, unambiguously."""
    _apply(product, received(organization, body=body, readable=False))

    (event,) = product.database.rows("SELECT body, body_sha256 FROM webhook_events")
    assert event == {"body": kept, "body_sha256": hashlib.sha256(body).hexdigest()}


@pytest.mark.parametrize(("sid", "kept"), [("in-1", [3]), (None, [1, 1, 1])], ids=["with an id", "without"])
def test_bodies_without_an_id_are_each_kept(
    product: Product, organization: Organization, sid: str | None, kept: list[int]
) -> None:
    """Without an id, nothing shows that an equal body is a repetition and not a second message."""
    item = received(organization, an_incoming("ok", sid=sid, timestamp="2026-01-15T10:00:00Z"))

    for _ in range(3):
        _apply(product, item)

    events = product.database.rows("SELECT deliveries FROM webhook_events")
    assert [event["deliveries"] for event in events] == kept


def test_what_its_receiver_could_not_read_is_kept_as_unreadable(
    product: Product, organization: Organization
) -> None:
    _apply(product, received(organization, body=b"garbage", readable=False))

    (event,) = product.database.rows("SELECT outcome, body FROM webhook_events")
    assert event == {"outcome": "unreadable", "body": "garbage"}


def test_a_large_body_is_read_from_the_blob_store_and_named_there(
    product: Product, organization: Organization
) -> None:
    body = json.dumps({"whatsapp": {"messages": [an_incoming("x" * 100_000, sid="in-1")]}}).encode()
    key = product.app.infrastructure.blobs.put(organization.id, body)

    _apply(product, received(organization, body=None).model_copy(update={"body": None, "body_blob": key}))

    assert [len(text) for text in product.inbound_texts()] == [100_000]
    (event,) = product.database.rows("SELECT body, body_blob FROM webhook_events")
    assert event == {"body": None, "body_blob": key}


@pytest.mark.parametrize(
    "revoked", ["generation raised", "generation of another time", "integration deleted"]
)
def test_a_revoked_dashboard_address_takes_no_effect_and_is_kept(
    product: Product, organization: Organization, integration: UUID, accepted: UUID, revoked: str
) -> None:
    product.database.rows(
        {
            "generation raised": "UPDATE integration_settings SET callback_generation = 2",
            # As after a restored backup: references that were handed out since then are unknown.
            "generation of another time": "UPDATE integration_settings SET callback_generation = 0",
            "integration deleted": "DELETE FROM integration_credentials",
        }[revoked]
    )

    _apply(product, received(organization, a_report("sid-1", READ), integration=integration, generation=1))

    assert product.row(accepted)["status"] == "accepted"
    (event,) = product.database.rows("SELECT outcome FROM webhook_events")
    assert event == {"outcome": "revoked"}


def test_a_call_report_is_kept_once(product: Product, organization: Organization) -> None:
    body = (
        b"CallSid=call-1&Status=completed&Direction=outbound&RecordingUrl=https%3A%2F%2Fexample.com%2Fa.mp3"
    )
    item = received(
        organization, body=body, kind="call_status", content_type="application/x-www-form-urlencoded"
    )
    for _ in range(2):
        _apply(product, item)

    (report,) = product.database.rows("SELECT provider_sid, status FROM call_reports")
    assert report == {"provider_sid": "call-1", "status": "completed"}


def test_a_dead_change_queue_does_not_undo_what_was_applied(
    product: Product, organization: Organization, accepted: UUID
) -> None:
    product.queues["change"].is_down = True

    _apply(product, received(organization, a_report("sid-1", READ), about=accepted))

    assert product.row(accepted)["status"] == "read"


def test_a_batch_waits_for_no_message_while_it_keeps_others_from_being_numbered(
    product: Product, organization: Organization, thread: UUID, accepted: UUID, twin: Twin
) -> None:
    """Otherwise it and a worker that records its own outcome would wait for each other."""
    other = product.add_message(organization, thread, status="sending", provider_sid="sid-2")
    worker = twin()
    patient(worker.app)
    batch = received(organization, a_report("sid-1", READ), a_report("sid-2", READ), about=accepted)

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        ledger.settle(transaction, message_id=other, outcome=MessageStatus.ACCEPTED)
        applying = Background(lambda: _apply(worker, batch))
        until_waiting(product.database)
        changes.record(transaction, organization_id=organization.id, kind="message.status", thread_id=thread)
    applying.result()

    assert [product.row(message)["status"] for message in (accepted, other)] == ["read", "read"]


def test_an_answer_that_waits_for_a_report_does_not_take_it_back(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    """The report is applied and not committed yet when the worker records the weaker status."""
    message = product.add_message(organization, thread, status="sending")
    worker = twin()
    patient(worker.app)

    def record_the_answer() -> None:
        with worker.app.infrastructure.database.organization(organization.id) as transaction:
            ledger.settle(
                transaction,
                message_id=message,
                outcome=MessageStatus.ACCEPTED,
                provider_sid="sid-1",
            )

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        ledger.settle(transaction, message_id=message, outcome=MessageStatus.READ)
        recording = Background(record_the_answer)
        until_waiting(product.database)
    recording.result()

    row = product.row(message)
    assert (row["status"], row["provider_sid"]) == ("read", "sid-1")


# A database that breaks.


def test_a_commit_whose_answer_is_lost_may_be_repeated(
    product: Product, organization: Organization, accepted: UUID, twin: Twin
) -> None:
    batch = received(organization, a_report("sid-1", READ), an_incoming("Hello", sid="in-1"), about=accepted)
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))
        relay.lose_answer_to(b"COMMIT")
        with pytest.raises(Unavailable):
            _apply(broken, batch)
        _apply(broken, batch)
        broken.app.infrastructure.database.close()

    assert relay.lost_answers == 1
    assert product.row(accepted)["status"] == "read"
    assert product.inbound_texts() == ["Hello"]
    assert len(product.database.rows("SELECT 1 AS one FROM changes WHERE message_id IS NOT NULL")) == 2


@pytest.mark.parametrize("request_number", [3, 5, 8, 12, 16])
def test_a_callback_cut_in_the_middle_leaves_nothing_and_is_applied_whole_the_next_time(
    product: Product, organization: Organization, accepted: UUID, twin: Twin, request_number: int
) -> None:
    batch = received(organization, a_report("sid-1", READ), an_incoming("Hello", sid="in-1"), about=accepted)
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))
        with broken.app.infrastructure.database.organization(organization.id):
            pass
        relay.cut_at_request(request_number)
        with pytest.raises(Unavailable):
            _apply(broken, batch)
        left: list[dict[str, Any]] = product.database.rows("SELECT 1 AS one FROM webhook_events")
        _apply(broken, batch)
        broken.app.infrastructure.database.close()

    assert left == []
    assert product.row(accepted)["status"] == "read"
    assert product.inbound_texts() == ["Hello"]
