"""Unknown statuses of the provider change nothing, and are shown at their message."""

from uuid import UUID

import pytest

from banxway.models.actors import Actor
from banxway.models.threads.messages import Message
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_report, received

SENT = 30001


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization)


@pytest.fixture
def accepted(product: Product, organization: Organization, thread: UUID) -> UUID:
    """A message that the provider accepted and knows as sid-1."""
    return product.add_message(organization, thread, status="accepted", provider_sid="sid-1")


def the_message(product: Product, agent: Actor, thread: UUID) -> Message:
    (message,) = product.app.threads.read.get(actor=agent, thread_id=thread).messages
    return message


@pytest.mark.parametrize("code", [39999, 30021, 30022, "soon"])
def test_an_unknown_report_is_shown_at_its_message_and_moves_nothing(
    product: Product, organization: Organization, agent: Actor, thread: UUID, accepted: UUID, code: int | str
) -> None:
    product.apply(received(organization, a_report("sid-1", SENT), about=accepted))
    unknown = a_report("sid-1", code, "EX_BRAND_NEW", description="Held for review")

    for _ in range(2):
        product.apply(received(organization, unknown, about=accepted))

    message = the_message(product, agent, thread)
    assert message.status == "sent"
    assert [(event.kind, event.text) for event in message.events] == [
        ("report", f"{code} EX_BRAND_NEW Held for review")
    ]
    kinds = [row["kind"] for row in product.database.rows("SELECT kind FROM changes")]
    assert kinds == ["message.status", "message.status"]


def test_an_unknown_report_that_came_before_its_message_was_known_is_shown_later(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    message = product.add_message(organization, thread, status="unknown")
    early = a_report("sid-1", 39999, "EX_BRAND_NEW", description="Held for review")
    product.apply(received(organization, early))

    product.apply(received(organization, a_report("sid-1", SENT), about=message))

    assert [event.text for event in the_message(product, agent, thread).events] == [
        "39999 EX_BRAND_NEW Held for review"
    ]


def test_a_known_report_is_no_event(
    product: Product, organization: Organization, agent: Actor, thread: UUID, accepted: UUID
) -> None:
    product.apply(received(organization, a_report("sid-1", SENT), about=accepted))

    assert the_message(product, agent, thread).events == []
