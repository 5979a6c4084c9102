"""The maintenance timers' rounds: every active integration of every organization, spread out, and repeatable."""

from uuid import uuid4

import pytest

from banxway.errors import Unavailable
from banxway.models.queue_items import IntegrationDue
from banxway.services.integrations import rounds as integration_rounds
from banxway.services.integrations.rounds import IntegrationRounds
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.product.fakes import RecordingQueue


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def rounds(product: Product, queue: RecordingQueue) -> IntegrationRounds:
    environment = product.app.integrations.environment
    return IntegrationRounds(product.app.infrastructure.database, enqueue=queue, environment=environment)


def add(product: Product, organization: Organization, kind: str, *, is_active: bool = True) -> None:
    """Add an integration whose credentials are never opened here."""
    product.database.rows(
        """INSERT INTO integration_credentials
               (id, organization_id, integration_type, credentials_encrypted, is_active)
           VALUES (%s, %s, %s, 'sealed', %s)""",
        (uuid4(), organization.id, kind, is_active),
    )


def test_every_active_integration_of_every_organization_is_verified(
    product: Product, organization: Organization, rounds: IntegrationRounds, queue: RecordingQueue
) -> None:
    other = product.database.add_organization("Other")
    for each in (organization, other):
        add(product, each, "exotel_phone")
        add(product, each, "exotel_whatsapp")
    add(product, organization, "exotel_sms", is_active=False)

    enqueued = rounds.enqueue_verification()

    expected = {
        (each.id, kind) for each in (organization, other) for kind in ("exotel_phone", "exotel_whatsapp")
    }
    assert enqueued == 4
    assert {(due.organization_id, due.integration_type) for due in queue.items} == expected
    assert {due.task for due in queue.items} == {"verify"}


def test_numbers_are_synced_of_those_integrations_that_have_any(
    product: Product, organization: Organization, rounds: IntegrationRounds, queue: RecordingQueue
) -> None:
    add(product, organization, "exotel_phone")
    add(product, organization, "exotel_whatsapp")

    rounds.enqueue_number_sync()

    assert queue.items == [
        IntegrationDue(organization_id=organization.id, integration_type="exotel_phone", task="sync_numbers")
    ]


def test_they_are_spread_over_time_within_what_a_queue_can_delay(
    product: Product, rounds: IntegrationRounds, queue: RecordingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration_rounds, "_LONGEST_DELAY_S", 2)
    for number in range(17):
        add(product, product.database.add_organization(f"Company {number}"), "exotel_phone")

    rounds.enqueue_verification()

    assert queue.delays == [0] * 5 + [1] * 5 + [2] * 7


def test_more_of_them_than_one_page_are_each_enqueued_once(
    product: Product, rounds: IntegrationRounds, queue: RecordingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration_rounds, "_PAGE", 3)
    for number in range(7):
        add(product, product.database.add_organization(f"Company {number}"), "exotel_phone")

    enqueued = rounds.enqueue_verification()

    assert enqueued == 7
    assert len({due.organization_id for due in queue.items}) == 7


def test_a_round_that_breaks_off_is_completed_by_the_next(
    product: Product, rounds: IntegrationRounds, queue: RecordingQueue
) -> None:
    for number in range(3):
        add(product, product.database.add_organization(f"Company {number}"), "exotel_phone")
    queue.is_down = True

    with pytest.raises(Unavailable):
        rounds.enqueue_verification()
    queue.is_down = False

    assert rounds.enqueue_verification() == 3
    assert len({due.organization_id for due in queue.items}) == 3
