"""An organization has a set number of messages in flight in each queue; the others wait, and are never forgotten."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.models.channels import CHANNELS, channels_by_queue
from banxway.models.messages.delivering import InFlight
from banxway.models.queue_items import DueMailbox, MailboxesDue, MailDue, MessageDue, queues
from banxway.services.messages.channels.base import SendingPaused
from banxway.storage.messages import ledger
from banxway.storage.messages.rows import MessageRow
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import FOUR, add_mail
from tests.support.ledger.takers import Takers
from tests.support.product.builders import Product
from tests.support.product.fakes import refused
from tests.support.timing.racing import Background, all_at_once, ends_without_waiting, patient
from tests.support.timing.waiting import eventually

Twin = Callable[..., Product]
ONE = InFlight(1, channels_by_queue())


def _claim(process: Product, organization: Organization, message: UUID, most: InFlight) -> MessageRow | None:
    with process.app.infrastructure.database.organization(organization.id) as transaction:
        return ledger.claim(transaction, message_id=message, lease_id=uuid4(), lease_s=150, in_flight=most)


def _waiting(product: Product, organization: Organization, thread: UUID, count: int) -> list[UUID]:
    """Add messages that are due, the oldest first."""
    found = [product.add_message(organization, thread) for _ in range(count)]
    for age, message in enumerate(reversed(found), start=1):
        product.database.rows(
            "UPDATE messages SET next_attempt_at = now() - make_interval(secs => %s) WHERE id = %s",
            (age, message),
        )
    return found


def _enqueued(product: Product, queue: str = "message") -> list[UUID]:
    return [item.message_id for item in product.queues[queue].items]


# The claim.


def test_a_claim_beyond_the_limit_changes_nothing(
    product: Product, organization: Organization, thread: UUID
) -> None:
    messages = _waiting(product, organization, thread, 5)
    for message in messages[:4]:
        assert _claim(product, organization, message, FOUR)
    before = product.row(messages[4])

    product.deliver(organization, messages[4])

    assert product.row(messages[4]) == before
    assert product.providers.whatsapp.sent == []
    assert product.queues["message"].items == []


def test_two_claims_at_once_cannot_both_get_the_last_slot(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    """Each sees the slot free until the other commits."""
    first, second = _waiting(product, organization, thread, 2)
    other = twin()
    patient(other.app)

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        assert ledger.claim(transaction, message_id=first, lease_id=uuid4(), lease_s=150, in_flight=ONE)
        claiming = Background(lambda: _claim(other, organization, second, ONE))
        eventually(lambda: claiming.is_over or product.database.waiting_for_locks())

    assert claiming.result() is None
    assert product.row(second)["status"] == "queued"


def test_claims_of_others_and_of_another_queue_neither_count_nor_wait(
    product: Product, organization: Organization, thread: UUID, account: UUID, twin: Twin
) -> None:
    (message,) = _waiting(product, organization, thread, 1)
    mail = add_mail(product, organization, thread, account)
    neighbour = product.database.add_organization()
    (theirs,) = _waiting(product, neighbour, product.add_thread(neighbour), 1)
    other = twin()

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        assert ledger.claim(transaction, message_id=message, lease_id=uuid4(), lease_s=150, in_flight=ONE)
        for whose, found in ((neighbour, theirs), (organization, mail)):
            claiming = Background(lambda whose=whose, found=found: _claim(other, whose, found, ONE))
            assert ends_without_waiting(product.database, claiming)
            assert claiming.result() is not None


def test_workers_at_once_keep_the_limit_and_leave_nothing(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    """Every refused item has ended: what is sent after the first round was enqueued by a worker that freed a slot."""
    takers, most, lock = Takers(), Counter[str](), threading.Lock()

    def count(_: UUID) -> None:
        with lock:
            rows = product.database.rows("SELECT count(*)::int AS n FROM messages WHERE status = 'sending'")
            most["sending"] = max(most["sending"], rows[0]["n"])

    takers.on_whatsapp = count
    messages = _waiting(product, organization, thread, 12)
    processes = [twin(messages_in_flight=2) for _ in messages]
    for process in processes:
        patient(process.app)
        takers.connect(process.app)

    all_at_once(
        [
            lambda process=process, message=message: process.deliver(organization, message)
            for process, message in zip(processes, messages, strict=True)
        ]
    )
    while product.queues["message"].items:
        processes[0].deliver(organization, product.queues["message"].items.pop(0).message_id)

    assert takers.taken == Counter(messages)
    assert most["sending"] <= 2
    assert {product.row(message)["status"] for message in messages} == {"accepted"}


# A worker that frees a slot enqueues the next.


@pytest.mark.parametrize(
    "outcome",
    [
        None,
        refused(errors.ProviderRejected),
        refused(errors.ProviderThrottled),
        refused(errors.OutcomeUnknown),
        SendingPaused("The mailbox is stopped", "It is sent later", pause_s=60),
    ],
    ids=["accepted", "failed", "put back", "unknown", "paused"],
)
def test_however_a_send_ends_the_oldest_that_waits_is_enqueued(
    product: Product, organization: Organization, thread: UUID, outcome: Exception | None, twin: Twin
) -> None:
    oldest, *_, sending = _waiting(product, organization, thread, 4)
    process = twin(messages_in_flight=1)
    if outcome:
        product.providers.whatsapp.sending.then(outcome)

    process.deliver(organization, sending)

    delays = dict(zip(_enqueued(product), product.queues["message"].delays, strict=True))
    assert delays.pop(oldest) == 0
    assert set(delays) <= {sending}


def test_a_lease_that_ends_frees_its_slot(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    waits, died = _waiting(product, organization, thread, 2)
    process = twin(messages_in_flight=1)
    assert _claim(process, organization, died, ONE)
    product.database.rows(
        "UPDATE messages SET lease_until = now() - interval '1 second', hand_over_began_at = now() WHERE id = %s",
        (died,),
    )

    process.app.maintenance.sweep.sweep()

    assert waits in _enqueued(product)


def test_a_worker_killed_before_it_enqueues_the_next_leaves_it_to_the_sweeper(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    oldest, sending = _waiting(product, organization, thread, 2)
    product.database.rows("UPDATE messages SET next_attempt_at = now() - interval '1 minute'")
    dying = twin(messages_in_flight=1)

    def die(item: object, delay_s: int = 0) -> None:
        raise SystemExit("killed")

    vars(dying.app.infrastructure).update(enqueue=die)
    with pytest.raises(SystemExit):
        dying.deliver(organization, sending)
    product.app.maintenance.sweep.sweep()

    assert product.row(sending)["status"] == "accepted"
    assert _enqueued(product) == [oldest]


def test_without_anything_that_waits_nothing_is_enqueued(
    product: Product, organization: Organization, thread: UUID
) -> None:
    (message,) = _waiting(product, organization, thread, 1)

    product.deliver(organization, message)

    assert product.queues["message"].items == []


def test_no_more_is_enqueued_than_there_are_slots(
    product: Product, organization: Organization, thread: UUID
) -> None:
    messages = _waiting(product, organization, thread, 10)

    product.deliver(organization, messages[0])

    assert _enqueued(product) == messages[1:5]


def test_the_sweeper_enqueues_of_each_organization_what_it_has_slots_for(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    """Twenty thousand of one organization would otherwise keep those of others from being found."""
    neighbour = product.database.add_organization()
    mine = _waiting(product, organization, thread, 10)
    theirs = _waiting(product, neighbour, product.add_thread(neighbour), 2)
    mails = [add_mail(product, organization, thread, account) for _ in range(6)]
    product.database.rows(
        "UPDATE messages SET next_attempt_at = next_attempt_at - interval '1 hour' WHERE status = 'queued'"
    )
    assert _claim(product, organization, mine[9], FOUR)

    assert product.app.maintenance.sweep.sweep().reenqueued == 3 + 2 + 4

    assert set(_enqueued(product)) == {*mine[:3], *theirs}
    assert set(_enqueued(product, "mail")) < set(mails)


# The queues.


def test_every_channel_takes_a_queue_of_the_ledger(product: Product) -> None:
    assert {traits.due_item for traits in CHANNELS.values()} == {MessageDue, MailDue}
    assert channels_by_queue() == {"mail": ("EMAIL",), "message": ("WHATSAPP",)}


def test_a_mail_that_came_by_the_other_queue_counts_among_the_mails(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    mails = [add_mail(product, organization, thread, account) for _ in range(2)]
    assert _claim(product, organization, mails[0], ONE)

    assert _claim(product, organization, mails[1], ONE) is None


def test_every_item_of_one_organization_carries_it_as_its_message_group(product: Product) -> None:
    """What a queue delivers fairly is by organization."""
    mine, theirs = uuid4(), uuid4()
    values: dict[str, Any] = {"organization_id": mine, "message_id": uuid4(), "account_id": uuid4()}
    for item in (MessageDue, MailDue):
        assert item(organization_id=mine, message_id=uuid4()).group == str(mine)
    for item in queues().values():
        if "organization_id" in item.model_fields:
            known = {name: value for name, value in values.items() if name in item.model_fields}
            assert item.model_construct(**known).group == str(mine)
    assert MailboxesDue.of(mine, uuid4()).group == str(mine)
    several = [DueMailbox(organization_id=each, account_id=uuid4()) for each in (mine, theirs)]
    assert MailboxesDue(mailboxes=tuple(several)).group is None
