"""One line, written in two ways, is one customer; answers go to the spelling that WhatsApp uses."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import outbound
from tests.support.ledger.written_messages import a_text, send
from tests.support.product.builders import Product, an_incoming, received
from tests.support.timing.racing import Background, held_changes, patient, until_waiting

TWO_WAYS = {
    "Mexico": ("+5215512345678", "+525512345678"),
    "Argentina": ("+5491158749895", "+541158749895"),
    "Brazil": ("+5531988887777", "+553188887777"),
    "Benin": ("+2290197123456", "+22997123456"),
}
both_ways = pytest.mark.parametrize(
    ("one", "other"),
    [pair[::way] for pair in TWO_WAYS.values() for way in (1, -1)],
    ids=[f"{name}, {way} first" for name in TWO_WAYS for way in ("long", "short")],
)


def write(product: Product, organization: Organization, sender: str, sid: str, **values: Any) -> None:
    product.apply(received(organization, an_incoming("Hello", sid=sid, sender=sender, **values)))


def count(product: Product) -> tuple[int, int]:
    (found,) = product.database.rows(
        "SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM threads) AS threads"
    )
    return found["customers"], found["threads"]


@both_ways
def test_two_spellings_of_one_line_are_one_customer_with_one_thread(
    product: Product, organization: Organization, one: str, other: str
) -> None:
    write(product, organization, one, "in-1")
    write(product, organization, other, "in-2")

    assert count(product) == (1, 1)
    rows = product.database.rows("SELECT sender FROM messages ORDER BY created_at")
    assert [row["sender"] for row in rows] == [one, other]


@both_ways
def test_an_answer_goes_to_the_spelling_that_whatsapp_used_last(
    product: Product, organization: Organization, agent: Actor, one: str, other: str
) -> None:
    """The customer is known by one spelling, and WhatsApp uses the other; an agent may type either."""
    product.add_whatsapp(organization)
    thread = product.add_thread(organization, phone=one)
    write(product, organization, other, "in-1")

    for to in (None, one, other):
        send(product, agent, thread, a_text(to=to))

    assert [message["recipient"] for message in outbound(product)] == [other] * 3


@both_ways
def test_two_spellings_at_once_are_one_customer(
    product: Product, organization: Organization, twin: Callable[..., Product], one: str, other: str
) -> None:
    workers = [twin(), twin()]
    for worker in workers:
        patient(worker.app)
    with held_changes(product.database, organization.id):
        working = [
            Background(lambda pair=pair: write(pair[0], organization, pair[1], f"in-{pair[1]}"))
            for pair in zip(workers, (one, other), strict=True)
        ]
        until_waiting(product.database, 2)
    for each in working:
        each.result()

    assert count(product) == (1, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+551133334444", "+5511933334444"),
        ("+525512345678", "+525512345679"),
        ("+919876543210", "+9119876543210"),
    ],
    ids=["a Brazilian landline", "another line", "India"],
)
def test_other_numbers_are_other_people(
    product: Product, organization: Organization, one: str, other: str
) -> None:
    write(product, organization, one, "in-1")
    write(product, organization, other, "in-2")

    assert count(product) == (2, 2)


@pytest.mark.parametrize("spelled", ["whatsapp:{}", "{}@s.whatsapp.net", "{}@c.us"])
def test_whatsapps_own_forms_of_a_number_are_the_number(
    product: Product, organization: Organization, spelled: str
) -> None:
    write(product, organization, "+919876543210", "in-1")
    write(product, organization, spelled.format("+919876543210"), "in-2")

    assert count(product) == (1, 1)


def test_a_reaction_from_the_other_spelling_is_shown_at_the_message(
    product: Product, organization: Organization, agent: Actor
) -> None:
    long, short = TWO_WAYS["Mexico"]
    write(product, organization, long, "in-1")
    reaction = {"type": "reaction", "reaction": {"message_id": "in-1", "emoji": "👍"}}
    write(product, organization, short, "in-2", content=reaction)

    thread: UUID = product.database.rows("SELECT id FROM threads")[0]["id"]
    (message,) = product.app.threads.read.get(actor=agent, thread_id=thread).messages
    assert [each.emoji for each in message.reactions] == ["👍"]
