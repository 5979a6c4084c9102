"""The ledger's own statements, one condition at a time: what each takes, changes, keeps and leaves alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway.models.messages.statuses import MessageStatus
from banxway.storage.database import Transaction
from banxway.storage.messages import due
from banxway.storage.messages import ledger as send_ledger
from banxway.storage.messages.rows import MessageRow
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import FOUR, add_mail
from tests.support.product.builders import Product
from tests.support.timing.racing import Background, patient, until_waiting

Twin = Callable[..., Product]
Ledger = Callable[[], AbstractContextManager[Transaction]]

MINE, THEIRS = uuid4(), uuid4()
WORDS = {"reason": "The mailbox is stopped", "advice": "It is sent later"}


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization)


@pytest.fixture
def message(product: Product, organization: Organization, thread: UUID) -> UUID:
    """A message that waits, and that had been tried before."""
    return product.add_message(organization, thread, attempts=2)


def _set(product: Product, message: UUID, columns: str) -> None:
    product.database.rows(f"UPDATE messages SET {columns} WHERE id = %s", (message,))


def _claim(transaction: Transaction, message: UUID, lease: UUID = MINE) -> MessageRow | None:
    return send_ledger.claim(transaction, message_id=message, lease_id=lease, lease_s=150, in_flight=FOUR)


def _claimed(ledger: Ledger, message: UUID, lease: UUID = MINE) -> None:
    with ledger() as transaction:
        assert _claim(transaction, message, lease) is not None


def _begun(ledger: Ledger, message: UUID, lease: UUID = MINE) -> None:
    _claimed(ledger, message, lease)
    with ledger() as transaction:
        assert send_ledger.begin_hand_over(transaction, message_id=message, lease_id=lease)


def _expire(transaction: Transaction, message: UUID) -> MessageStatus | None:
    return send_ledger.expire_lease(transaction, message_id=message, most_attempts=5)


def _settle(ledger: Ledger, message: UUID, outcome: str, **values: Any) -> MessageStatus | None:
    with ledger() as transaction:
        return send_ledger.settle(transaction, message_id=message, outcome=MessageStatus(outcome), **values)


def _seconds_from_update(product: Product, message: UUID, column: str) -> float:
    """Return how long after its last change a column's time is: both are the same transaction's now."""
    (row,) = product.database.rows(
        f"SELECT extract(epoch FROM {column} - updated_at)::float AS s FROM messages WHERE id = %s",
        (message,),
    )
    return float(row["s"])


# Claiming.


def test_a_claim_is_an_attempt_with_a_lease_from_now_on(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _claimed(ledger, message)

    row = product.row(message)
    assert (row["status"], row["lease_id"], row["attempts"]) == ("sending", MINE, 3)
    assert _seconds_from_update(product, message, "lease_until") == 150
    assert _seconds_from_update(product, message, "attempted_at") == 0


def test_of_claims_at_once_one_gets_the_row(
    product: Product, organization: Organization, message: UUID, ledger: Ledger, twin: Twin
) -> None:
    """The other has seen it queued, and waits for the first one's commit."""
    other = twin()
    patient(other.app)

    def claim() -> object:
        with other.app.infrastructure.database.organization(organization.id) as transaction:
            return _claim(transaction, message, THEIRS)

    with ledger() as transaction:
        assert _claim(transaction, message) is not None
        claiming = Background(claim)
        until_waiting(product.database)

    assert claiming.result() is None
    assert product.row(message)["lease_id"] == MINE


# Putting back what proved not to be taken.


def test_what_is_put_back_waits_as_long_as_it_was_reported(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _claimed(ledger, message)

    with ledger() as transaction:
        assert send_ledger.requeue(transaction, message_id=message, lease_id=MINE, delay_s=90)

    row = product.row(message)
    assert (row["status"], row["lease_id"], row["lease_until"], row["attempts"]) == ("queued", None, None, 3)
    assert _seconds_from_update(product, message, "next_attempt_at") == 90


def test_what_is_held_counts_no_attempt_and_says_why_it_waits(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _claimed(ledger, message)

    with ledger() as transaction:
        assert send_ledger.pause(transaction, message_id=message, lease_id=MINE, pause_s=3600, **WORDS)

    row = product.row(message)
    assert (row["status"], row["lease_id"], row["lease_until"]) == ("queued", None, None)
    assert (row["attempts"], row["attempted_at"]) == (2, None)
    assert (row["failure_reason"], row["failure_advice"]) == (WORDS["reason"], WORDS["advice"])
    assert _seconds_from_update(product, message, "next_attempt_at") == 3600


def _put_back(transaction: Transaction, message: UUID) -> bool:
    return send_ledger.requeue(transaction, message_id=message, lease_id=MINE, delay_s=1)


def _hold(transaction: Transaction, message: UUID) -> bool:
    return send_ledger.pause(transaction, message_id=message, lease_id=MINE, pause_s=1, **WORDS)


both_ways_back = pytest.mark.parametrize("way_back", [_put_back, _hold], ids=["requeue", "hold"])
WayBack = Callable[[Transaction, UUID], bool]


@both_ways_back
def test_a_worker_that_lost_its_lease_does_not_put_back_what_another_is_sending(
    product: Product, message: UUID, ledger: Ledger, way_back: WayBack
) -> None:
    _claimed(ledger, message)
    _set(product, message, "status = 'queued'")
    _claimed(ledger, message, THEIRS)

    with ledger() as transaction:
        assert not way_back(transaction, message)

    assert (product.row(message)["status"], product.row(message)["lease_id"]) == ("sending", THEIRS)


@both_ways_back
@pytest.mark.parametrize("status", ["unknown", "accepted", "delivered", "read", "failed"])
def test_what_evidence_has_settled_is_not_put_back(
    product: Product, message: UUID, ledger: Ledger, way_back: WayBack, status: str
) -> None:
    _claimed(ledger, message)
    _settle(ledger, message, status)

    with ledger() as transaction:
        assert not way_back(transaction, message)

    assert product.row(message)["status"] == status


# Settling.


def test_the_first_name_that_the_provider_gave_stays(product: Product, message: UUID, ledger: Ledger) -> None:
    _settle(ledger, message, "accepted", provider_sid="sid-1")
    _settle(ledger, message, "read", provider_sid="sid-2")
    _settle(ledger, message, "read")

    assert product.row(message)["provider_sid"] == "sid-1"


def test_settling_ends_the_lease(product: Product, message: UUID, ledger: Ledger) -> None:
    _claimed(ledger, message)

    _settle(ledger, message, "accepted")

    assert product.row(message)["lease_until"] is None


def test_settling_touches_one_message(
    product: Product, organization: Organization, thread: UUID, message: UUID, ledger: Ledger
) -> None:
    other = product.add_message(organization, thread)

    assert _settle(ledger, message, "accepted") == "accepted"
    assert _settle(ledger, uuid4(), "accepted") is None

    assert product.row(other)["status"] == "queued"


@pytest.mark.parametrize("later", ["failed", "sent", "accepted", "unknown"])
def test_a_later_report_that_changes_nothing_keeps_why_it_failed_and_that_nobody_got_it(
    product: Product, message: UUID, ledger: Ledger, later: str
) -> None:
    _settle(
        ledger,
        message,
        "failed",
        provider_code="30012",
        reason="No such number",
        advice="Correct it",
        took_nothing=True,
    )

    assert _settle(ledger, message, later, provider_code="1", reason="other", advice="other") is None

    row = product.row(message)
    assert (row["provider_code"], row["failure_reason"], row["failure_advice"]) == (
        "30012",
        "No such number",
        "Correct it",
    )
    assert row["took_nothing"] is True


def test_what_arrived_after_all_is_no_failure_any_more(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _settle(ledger, message, "failed", provider_code="1", reason="r", advice="a", took_nothing=True)

    assert _settle(ledger, message, "delivered", reason="said", took_nothing=True) == "delivered"

    row = product.row(message)
    assert (row["provider_code"], row["failure_reason"], row["failure_advice"]) == (None, None, None)
    assert row["took_nothing"] is False


def test_a_failure_that_may_have_reached_somebody_replaces_what_was_unknown(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _settle(ledger, message, "unknown", reason="silence", advice="wait")
    _settle(ledger, message, "failed", reason="refused", advice="write to somebody else")

    row = product.row(message)
    assert (row["failure_reason"], row["failure_advice"]) == ("refused", "write to somebody else")
    assert row["took_nothing"] is False


@pytest.mark.parametrize(
    ("before", "is_proven"),
    [("queued", True), ("sending", True), ("unknown", True), ("accepted", False), ("sent", False)],
)
def test_that_nobody_got_it_is_proven_by_a_refusal_unless_it_had_been_taken_before(
    product: Product, message: UUID, ledger: Ledger, before: str, is_proven: bool
) -> None:
    """Of two attempts, the earlier one may have been taken although the later one was refused."""
    _set(product, message, f"status = '{before}'")

    assert _settle(ledger, message, "failed", reason="refused", took_nothing=True) == "failed"

    assert product.row(message)["took_nothing"] is is_proven


# Sending again.


def test_what_is_queued_again_begins_from_the_start(product: Product, message: UUID, ledger: Ledger) -> None:
    _claimed(ledger, message)
    _settle(ledger, message, "failed", provider_code="1", reason="r", advice="a", took_nothing=True)
    _set(product, message, "sent_looks = 3, sent_looked_at = now(), next_attempt_at = 'infinity'")

    with ledger() as transaction:
        assert send_ledger.queue_again(transaction, message_id=message, status="failed")

    row = product.row(message)
    assert {
        name: row[name]
        for name in (
            "status",
            "attempts",
            "attempted_at",
            "took_nothing",
            "lease_id",
            "lease_until",
            "sent_looks",
            "sent_looked_at",
            "provider_code",
            "failure_reason",
            "failure_advice",
        )
    } == {
        "status": "queued",
        "attempts": 0,
        "attempted_at": None,
        "took_nothing": False,
        "lease_id": None,
        "lease_until": None,
        "sent_looks": 0,
        "sent_looked_at": None,
        "provider_code": None,
        "failure_reason": None,
        "failure_advice": None,
    }
    assert _seconds_from_update(product, message, "next_attempt_at") == 0


@pytest.mark.parametrize(
    "columns",
    ["status = 'read'", "direction = 'inbound', status = 'failed'"],
    ids=["its status has changed", "it is no message of ours"],
)
def test_what_is_not_as_it_was_seen_is_not_queued_again(
    product: Product, message: UUID, ledger: Ledger, columns: str
) -> None:
    _set(product, message, columns)

    with ledger() as transaction:
        assert not send_ledger.queue_again(transaction, message_id=message, status="failed")

    assert product.row(message)["status"] != "queued"


# What a sender that died left behind.


@pytest.mark.parametrize(
    "since_then",
    ["status = 'accepted'", "lease_until = now() + interval '1 hour'"],
    ids=["it was settled", "it was claimed again"],
)
def test_a_lease_that_the_sweeper_saw_end_is_looked_at_again_before_it_counts(
    product: Product, message: UUID, ledger: Ledger, since_then: str
) -> None:
    _claimed(ledger, message)
    _set(product, message, "lease_until = now() - interval '1 second'")
    _set(product, message, since_then)

    with ledger() as transaction:
        assert _expire(transaction, message) is None

    assert product.row(message)["status"] not in ("unknown", "queued")


def test_a_lease_that_runs_is_not_among_those_that_are_over(
    product: Product, organization: Organization, thread: UUID, message: UUID, ledger: Ledger
) -> None:
    died = product.add_message(organization, thread, status="sending")
    _set(product, died, "lease_until = now() - interval '1 second'")
    _claimed(ledger, message)
    _set(product, message, "lease_until = now() + interval '1 hour'")

    with product.app.infrastructure.database.system() as transaction:
        found = send_ledger.with_expired_lease(transaction, limit=10)

    assert [row.id for row in found] == [died]


def test_an_expired_lease_is_over_and_says_what_to_do(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _begun(ledger, message)
    _set(product, message, "lease_until = now() - interval '1 second'")

    with ledger() as transaction:
        assert _expire(transaction, message) == "unknown"
        assert _expire(transaction, message) is None

    row = product.row(message)
    assert (row["status"], row["lease_until"]) == ("unknown", None)
    assert "stopped before" in row["failure_reason"]
    assert "delivery report" in row["failure_advice"]


def test_an_expired_lease_without_a_hand_over_puts_the_message_back(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    """It had been tried twice before, and this attempt counts."""
    _claimed(ledger, message)
    _set(product, message, "lease_until = now() - interval '1 second'")

    with ledger() as transaction:
        assert _expire(transaction, message) == "queued"

    row = product.row(message)
    assert (row["status"], row["lease_id"], row["lease_until"], row["attempts"]) == ("queued", None, None, 3)
    assert _seconds_from_update(product, message, "next_attempt_at") == 0
    assert row["failure_reason"] is None


def test_the_fifth_worker_that_stopped_before_the_hand_over_is_the_last(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _set(product, message, "attempts = 4")
    _claimed(ledger, message)
    _set(product, message, "lease_until = now() - interval '1 second'")

    with ledger() as transaction:
        assert _expire(transaction, message) == "failed"

    row = product.row(message)
    assert (row["status"], row["took_nothing"]) == ("failed", True)
    assert row["failure_advice"] == "Nothing was sent: send it again"


def test_a_claim_forgets_the_hand_over_of_the_one_before(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _begun(ledger, message)
    with ledger() as transaction:
        assert _put_back(transaction, message)
    product.make_due(message)

    _claimed(ledger, message, THEIRS)

    assert product.row(message)["hand_over_began_at"] is None


# Beginning to hand over.


@pytest.mark.parametrize(
    "since_the_claim",
    [
        "status = 'delivered'",
        "status = 'queued', lease_id = NULL, lease_until = NULL",
        "lease_until = now() - interval '1 second'",
        f"lease_id = '{THEIRS}'",
    ],
    ids=["evidence settled it", "the sweeper put it back", "the lease is over", "another worker has it"],
)
def test_what_is_no_longer_claimed_must_not_be_handed_over(
    product: Product, message: UUID, ledger: Ledger, since_the_claim: str
) -> None:
    _claimed(ledger, message)
    _set(product, message, since_the_claim)

    with ledger() as transaction:
        assert not send_ledger.begin_hand_over(transaction, message_id=message, lease_id=MINE)

    assert product.row(message)["hand_over_began_at"] is None


def test_a_hand_over_that_begins_is_recorded_with_its_lease_as_it_was(
    product: Product, message: UUID, ledger: Ledger
) -> None:
    _claimed(ledger, message)
    before = product.row(message)

    with ledger() as transaction:
        assert send_ledger.begin_hand_over(transaction, message_id=message, lease_id=MINE)

    row = product.row(message)
    assert row["hand_over_began_at"] is not None
    assert (row["lease_until"], row["status"]) == (before["lease_until"], "sending")


def test_what_has_waited_longest_is_found_first_and_not_more_than_is_asked_for(
    product: Product, organization: Organization, thread: UUID
) -> None:
    ages = {age: product.add_message(organization, thread) for age in (100, 300, 200)}
    other = product.database.add_organization()
    elsewhere = product.add_thread(other)
    leases = {age: product.add_message(other, elsewhere, status="sending") for age in (100, 300, 200)}
    for age, each in ages.items():
        _set(product, each, f"next_attempt_at = now() - interval '{age} seconds'")
    for age, each in leases.items():
        _set(product, each, f"lease_until = now() - interval '{age} seconds'")

    with product.app.infrastructure.database.system() as transaction:
        waiting = due.waiting(transaction, older_than_s=20, in_flight=FOUR, limit=2)
        died = send_ledger.with_expired_lease(transaction, limit=2)

    assert [row.id for row in waiting] == [ages[300], ages[200]]
    assert [row.id for row in died] == [leases[300], leases[200]]


# What must not be sent any more, and what may be after all.


def _states(product: Product, *found: UUID) -> list[str]:
    return [product.row(one)["status"] for one in found]


def test_what_waits_on_a_channel_fails_with_it_and_may_be_sent_again(
    product: Product, organization: Organization, thread: UUID, message: UUID, account: UUID, ledger: Ledger
) -> None:
    leaving = product.add_message(organization, thread, status="sending")
    mail = add_mail(product, organization, thread, account)

    with ledger() as transaction:
        failed = send_ledger.fail_on_channel(transaction, channel="WHATSAPP", **WORDS)

    assert [(row.id, row.thread_id) for row in failed] == [(message, thread)]
    assert _states(product, message, leaving, mail) == ["failed", "sending", "queued"]
    row = product.row(message)
    assert (row["failure_reason"], row["failure_advice"]) == (WORDS["reason"], WORDS["advice"])
    assert row["took_nothing"] is True


def test_what_waits_in_a_mailbox_fails_with_it_and_may_be_sent_again(
    product: Product, organization: Organization, thread: UUID, account: UUID, ledger: Ledger
) -> None:
    other = product.add_mailbox(organization, "other@yourdomain.com")
    waiting, leaving, elsewhere = (
        add_mail(product, organization, thread, account),
        add_mail(product, organization, thread, account, status="sending"),
        add_mail(product, organization, thread, other),
    )

    with ledger() as transaction:
        failed = send_ledger.fail_of_mailbox(transaction, account_id=account, **WORDS)

    assert [row.id for row in failed] == [waiting]
    assert _states(product, waiting, leaving, elsewhere) == ["failed", "sending", "queued"]
    assert product.row(waiting)["took_nothing"] is True


def test_what_a_mailbox_held_back_is_let_go_and_nothing_else(
    product: Product, organization: Organization, thread: UUID, account: UUID, ledger: Ledger
) -> None:
    other = product.add_mailbox(organization, "other@yourdomain.com")
    held, elsewhere, failed, due = (
        add_mail(product, organization, thread, account),
        add_mail(product, organization, thread, other),
        add_mail(product, organization, thread, account, status="failed"),
        add_mail(product, organization, thread, account),
    )
    for each in (held, elsewhere, failed):
        _set(
            product,
            each,
            "next_attempt_at = now() + interval '1 hour', failure_reason = 'r', failure_advice = 'a'",
        )
    before = [product.row(each) for each in (elsewhere, failed, due)]

    with ledger() as transaction:
        send_ledger.resume_of_mailbox(transaction, account)

    row = product.row(held)
    assert (row["status"], row["failure_reason"], row["failure_advice"]) == ("queued", None, None)
    # Long enough ago for the next sweep to find it.
    assert _seconds_from_update(product, held, "next_attempt_at") == -60
    assert [product.row(each) for each in (elsewhere, failed, due)] == before
