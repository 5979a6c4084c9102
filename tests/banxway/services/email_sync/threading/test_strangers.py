"""Threat 33: no guess and no forgery joins a thread, and nobody who is added sees earlier messages.

A stranger knows everything that can be known: ids from a forwarded header, names, the subject, the mailbox.
"""

from uuid import UUID, uuid4

import pytest

from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.mailboxes.arrivals import ASHA, BINA, MALLORY, RAVI, Arrivals, Letter, partition
from tests.support.product.builders import SUPPORT, Product

FIRST = Letter("first", mail_id="first@x", cc=[RAVI])
LATER = Letter("later", mail_id="later@x", references=["first@x", "ghost@x"], day=2)
OUTLOOK = ("Thread-Index: AdqB" + "A" * 26 + "==", "Thread-Topic: Parcel 4711")

FORGERIES = {
    "a stranger who knows the id": Letter("forged", sender=MALLORY, references=["first@x"], day=3),
    "a stranger the server vouches for": Letter(
        "forged", sender=MALLORY, references=["first@x", "later@x"], day=3, proven=True
    ),
    "a stranger who writes to everybody": Letter(
        "forged", sender=MALLORY, to=[SUPPORT, ASHA, RAVI], references=["first@x"], day=3
    ),
    "the customer's name before another address": Letter(
        "forged", sender=f'"{ASHA}" <{MALLORY}>', references=["first@x"], day=3
    ),
    "a From that the server found false": Letter("forged", references=["first@x"], day=3, proven=False),
    "a From and a subject, and no id": Letter("forged", subject="Re: Parcel 4711", day=3),
    "a From, a subject and a false proof": Letter("forged", subject="Re: Parcel 4711", day=3, proven=False),
    "a From and an id that nobody sent": Letter("forged", references=["guess@x"], day=3),
    "a sibling of what was answered": Letter("forged", sender=MALLORY, references=["ghost@x"], cc=[ASHA], day=3),
    "the id of a mail that never came": Letter("forged", sender=MALLORY, mail_id="ghost@x", cc=[ASHA], day=3),
    "the id of a mail that did come": Letter("forged", sender=MALLORY, mail_id="first@x", cc=[ASHA], day=3),
    "Outlook's mark": Letter("forged", sender=MALLORY, headers=OUTLOOK, cc=[ASHA], day=3),
    "the agent's own address": Letter("forged", sender=SUPPORT, references=["first@x"], day=3),
    "a delivery report by hand": Letter(
        "forged", sender="MAILER-DAEMON@evil.example", references=["first@x"], day=3,
        headers=[f"X-Failed-Recipients: {ASHA}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_mail_is_a_thread_of_its_own(arrivals: Arrivals, forgery: Letter) -> None:
    genuine = [FIRST, LATER, Letter("outlook", headers=OUTLOOK, subject="Other", day=1)]
    arrivals.file(*genuine)

    arrivals.file(forgery)

    assert {"forged"} in arrivals.threads()
    assert {"first", "later"} in arrivals.threads()


def test_a_message_id_of_ours_with_any_bit_turned_joins_nothing(arrivals: Arrivals) -> None:
    """Our own ids are the token: 122 random bits, known to everybody who got the mail."""
    thread = arrivals.product.add_thread(arrivals.organization, email=ASHA)
    ours = uuid4()
    arrivals.product.add_message(
        arrivals.organization, thread, channel="EMAIL", status="sent", sender=SUPPORT, recipient=ASHA,
        body_text="ours", mail_message_id=f"{ours}@yourdomain.com", mail_to=[ASHA],
    )  # fmt: skip
    turned = [UUID(int=ours.int ^ (1 << bit)) for bit in range(128)]
    arrivals.file(
        *(
            Letter(f"{bit}", references=[f"{one}@yourdomain.com"], day=bit / 100)
            for bit, one in enumerate(turned)
        )
    )
    arrivals.file(Letter("true", references=[f"{ours}@yourdomain.com"], day=3))

    assert len(arrivals.threads()) == 129
    assert {"ours", "true"} in arrivals.threads()


def test_the_same_subject_from_many_customers_is_as_many_threads(arrivals: Arrivals) -> None:
    people = [ASHA, BINA, RAVI, *(f"customer{number}@many.example" for number in range(20))]
    arrivals.file(
        *(
            Letter(
                f"{person} {kind}".strip(), sender=person, subject=f"{kind}Parcel 4711", day=day, proven=True
            )
            for day, kind in enumerate(("", "Re: ", "Re: "))
            for person in people
        )
    )

    assert partition(arrivals.threads()) == partition({person, f"{person} Re:"} for person in people)


def test_somebody_added_in_copy_gets_nothing_of_what_was_said_before(
    product: Product, arrivals: Arrivals, organization: Organization, agent: Actor
) -> None:
    """They may answer the mail that adds them; the older mails do not name them, so nothing refers to those."""
    arrivals.file(FIRST)
    arrivals.file(
        Letter("added", sender=RAVI, references=["first@x"], cc=[MALLORY], mail_id="added@x", day=1)
    )

    arrivals.file(Letter("to the old mail", sender=MALLORY, references=["first@x"], day=2))

    thread = product.app.threads.read.get(actor=agent, thread_id=arrivals.message("first")["thread_id"])
    assert [message.body_text.strip() for message in thread.messages] == ["first", "added"]
    assert [address.address for address in thread.customer.addresses] == [ASHA]
    assert not product.queues["mail"].items


@pytest.mark.parametrize("proven", [None, True, False], ids=["unproven", "proven", "found false"])
def test_a_mail_in_an_agents_name_is_anybodys_and_does_nothing_in_that_name(
    product: Product, arrivals: Arrivals, agent: Actor, proven: bool | None
) -> None:
    """Threat 34: a person who writes by mail is a correspondent, never a user, whatever the From line says."""
    arrivals.file(FIRST)

    arrivals.file(
        Letter(
            "close this and tell Asha it is lost", sender=f"Agent <{agent.email}>", to=[SUPPORT, ASHA],
            subject="Re: Parcel 4711", references=["first@x"], headers=["X-Assign: admin"], day=1, proven=proven,
        )
    )  # fmt: skip

    forged = arrivals.message("close this and tell Asha it is lost")
    assert (forged["direction"], forged["status"], forged["created_by"]) == ("inbound", "received", None)
    assert {message["direction"] for message in arrivals.messages()} == {"inbound"}
    assert arrivals.thread(arrivals.message("first")["thread_id"])["status"] == "open"
    assert product.queues["mail"].items == []
