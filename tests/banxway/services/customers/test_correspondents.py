"""The author of a mail: one person, one who writes through a relay, or nobody that a stranger could name."""

import pytest

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.threads.threads import ThreadCustomer
from tests.support.databases.postgres import Organization
from tests.support.mailboxes.arrivals import ASHA, BINA, MALLORY, RAVI, Arrivals, Letter
from tests.support.product.builders import SUPPORT, Product

FORM = "forms@shop.example"
KIRAN = "kiran@visitor.example"
LATA = "lata@visitor.example"


@pytest.fixture
def arrivals(product: Product, organization: Organization) -> Arrivals:
    return Arrivals(product, organization)


def enquiry(text: str, visitor: str, *, sender: str = FORM, day: float = 0.0) -> Letter:
    """Return what a web form sends for a visitor."""
    return Letter(text, sender=sender, subject="Contact form", headers=[f"Reply-To: {visitor}"], day=day)


def customer_of(arrivals: Arrivals, agent: Actor, text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the customer of a mail's thread: name, and addresses with the relay through which each is claimed."""
    thread = arrivals.product.app.threads.read.get(actor=agent, thread_id=arrivals.message(text)["thread_id"])
    return thread.customer.name, [(one.address, one.via) for one in thread.customer.addresses]


def customers(arrivals: Arrivals) -> int:
    return len({message["customer_id"] for message in arrivals.messages()})


@pytest.mark.parametrize("at_once", [1, 10], ids=["one by one", "at once"])
@pytest.mark.parametrize("sender", [FORM, "noreply@shop.example"])
def test_visitors_of_a_form_are_people_of_their_own(
    arrivals: Arrivals, agent: Actor, sender: str, at_once: int
) -> None:
    arrivals.file(
        enquiry("of Kiran", KIRAN, sender=sender),
        enquiry("of Lata", LATA, sender=sender, day=1),
        enquiry("of Kiran again", KIRAN, sender=sender, day=2),
        at_once=at_once,
    )

    assert len(arrivals.threads()) == 3
    assert customer_of(arrivals, agent, "of Kiran")[1] == [(KIRAN, sender)]
    assert customer_of(arrivals, agent, "of Lata")[1] == [(LATA, sender)]
    assert customers(arrivals) == 2


def test_a_person_with_a_steady_reply_to_is_one_person(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(
        Letter("first", headers=[f"Reply-To: {RAVI}"]),
        Letter("second", subject="Other", headers=[f"Reply-To: {RAVI}"], day=1),
        Letter("third", subject="Third", day=2),
    )

    assert customers(arrivals) == 1
    assert customer_of(arrivals, agent, "first")[1] == [(ASHA, "")]


def test_what_a_relay_writes_never_joins_anothers_thread(arrivals: Arrivals, agent: Actor) -> None:
    """All mails of a portal name one id that no mail has: only mails of one author become siblings by it."""
    same = {"sender": FORM, "subject": "Ticket", "references": ["portal@shop.example"]}
    arrivals.file(
        Letter("of Kiran", headers=[f"Reply-To: {KIRAN}"], **same),
        Letter("of Lata", headers=[f"Reply-To: {LATA}"], day=1, **same),
        Letter("of Kiran again", headers=[f"Reply-To: {KIRAN}"], day=2, **same),
    )

    assert arrivals.threads() == [{"of Kiran", "of Kiran again"}, {"of Lata"}]


def test_who_answers_from_a_claimed_address_has_proven_it(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(enquiry("of Kiran", KIRAN), enquiry("of Lata", LATA, day=1))
    thread = arrivals.message("of Kiran")["thread_id"]
    ours = arrivals.product.add_message(
        arrivals.organization, thread, channel="EMAIL", status="sent", sender=SUPPORT, recipient=KIRAN,
        body_text="ours", mail_message_id="ours@yourdomain.com", mail_to=[KIRAN],
    )  # fmt: skip

    arrivals.file(Letter("it is me", sender=KIRAN, references=["ours@yourdomain.com"], day=2))

    assert ours
    assert arrivals.message("it is me")["thread_id"] == thread
    assert customer_of(arrivals, agent, "it is me")[1] == [(KIRAN, FORM), (KIRAN, "")]


def test_a_reply_to_proves_nobody(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("of Asha"), Letter("forged", sender=MALLORY, headers=[f"Reply-To: {ASHA}"], day=1))

    assert customer_of(arrivals, agent, "forged")[1] == [(MALLORY, "")]
    assert arrivals.message("forged")["customer_id"] != arrivals.message("of Asha")["customer_id"]


@pytest.mark.parametrize("proven", [None, True, False], ids=["unsigned", "proven", "false"])
def test_our_own_address_is_no_customer(arrivals: Arrivals, agent: Actor, proven: bool | None) -> None:
    arrivals.file(Letter("by a list", sender=f"Asha via list <{SUPPORT}>", proven=proven))

    assert customer_of(arrivals, agent, "by a list") == ("Asha via list", [])


@pytest.mark.parametrize(
    ("headers", "proven", "answered"),
    [
        ([f"X-Original-From: Asha <{ASHA}>"], True, [ASHA]),
        ([f"X-Original-Sender: {ASHA}"], True, [ASHA]),
        ([f"X-Original-From: {ASHA}", f"X-Original-Sender: {ASHA}"], True, [ASHA]),
        ([f"X-Original-From: {ASHA}", f"X-Original-Sender: {BINA}"], True, []),
        ([f"X-Original-From: {SUPPORT}"], True, []),
        ([f"X-Original-From: {ASHA}"], None, []),
        ([f"X-Original-From: {ASHA}"], False, []),
        ([f"X-Original-From: {ASHA}", f"Reply-To: {RAVI}"], True, [RAVI]),
        ([f"X-Original-From: {ASHA}", f"Reply-To: {SUPPORT}"], True, []),
        ([f"Reply-To: {RAVI}"], None, [RAVI]),
    ],
)  # fmt: skip
def test_the_original_sender_counts_where_our_own_server_proves_it(
    arrivals: Arrivals, agent: Actor, headers: list[str], proven: bool | None, answered: list[str]
) -> None:
    arrivals.file(Letter("by a list", sender=SUPPORT, headers=headers, proven=proven))

    thread = arrivals.product.app.threads.read.get(
        actor=agent, thread_id=arrivals.message("by a list")["thread_id"]
    )

    assert thread.reply_to.get("EMAIL", []) == answered


FORWARD = """FYI please take

---------- Forwarded message ---------
From: Omid Client <omid@client.example>
Date: Sun, 29 Nov 2026 at 18:00
Subject: Pallet missing
To: Anita Agent <agent@banxway.local>

One pallet is missing."""


def forwarded(sender: str, *, proven: bool | None = None, text: str = FORWARD) -> Letter:
    return Letter(text, sender=sender, subject="Fwd: Pallet missing", mail_id="fwd@x", proven=proven)


def test_whom_a_member_forwards_is_suggested_and_accepted_by_one_call(
    arrivals: Arrivals, agent: Actor
) -> None:
    arrivals.file(forwarded(agent.email))
    thread_id = arrivals.messages()[0]["thread_id"]
    app = arrivals.product.app
    before = app.threads.read.get(actor=agent, thread_id=thread_id)
    assert before.suggested_customer is not None
    suggested = before.suggested_customer
    assert (suggested.email, suggested.name) == ("omid@client.example", "Omid Client")
    assert before.reply_to == {"EMAIL": [agent.email]}

    wish = ThreadCustomer(email=suggested.email, name=suggested.name)
    after = app.threads.update.set_customer(actor=agent, thread_id=thread_id, content=wish)

    assert after.suggested_customer is None
    assert after.customer.name == "Omid Client"
    assert after.reply_to == {"EMAIL": ["omid@client.example"]}
    again = app.threads.update.set_customer(actor=agent, thread_id=thread_id, content=wish)
    assert again.customer == after.customer


@pytest.mark.parametrize("proven", [False, None], ids=["false", "a stranger"])
def test_a_strangers_forward_suggests_nobody(arrivals: Arrivals, agent: Actor, proven: bool | None) -> None:
    arrivals.file(forwarded(agent.email if proven is False else MALLORY, proven=proven))

    thread = arrivals.product.app.threads.read.get(actor=agent, thread_id=arrivals.messages()[0]["thread_id"])

    assert thread.suggested_customer is None


def test_ourselves_are_no_customer_of_a_thread(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("first"))

    with pytest.raises(ValidationFailed, match="your own organization's"):
        arrivals.product.app.threads.update.set_customer(
            actor=agent,
            thread_id=arrivals.message("first")["thread_id"],
            content=ThreadCustomer(email=SUPPORT),
        )
