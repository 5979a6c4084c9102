"""Whom an answer goes to: who wrote the answered message or whom its Reply-To names, and never ourselves."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.messages.messages import NewEmailMessage
from banxway.services.messages.recipients import of_message
from banxway.storage.messages.answered import AnsweredRow
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.gates.chance import in_soak
from tests.support.mailboxes.arrivals import ASHA, BINA, RAVI, Arrivals, Letter
from tests.support.product.builders import SUPPORT, Product
from tests.support.product.stored import row_of

SALES = "sales@yourdomain.com"
OWN = frozenset({SUPPORT, SALES})
PEOPLE = (ASHA, RAVI, BINA, "desk@customer.example")


def inbound(**columns: Any) -> AnsweredRow:
    """A mail that came in."""
    usual = {"channel": "EMAIL", "sender": ASHA, "recipient": SUPPORT, "mail_to": [SUPPORT]}
    return row_of(AnsweredRow, **usual | columns)


@pytest.mark.parametrize(
    ("columns", "writer", "everybody"),
    [
        ({}, [ASHA], [ASHA]),
        ({"mail_reply_to": [RAVI]}, [RAVI], [RAVI]),
        ({"mail_reply_to": [RAVI, BINA]}, [RAVI, BINA], [RAVI, BINA]),
        ({"mail_reply_to": [SUPPORT]}, [ASHA], [ASHA]),
        ({"mail_reply_to": [SUPPORT, RAVI]}, [RAVI], [RAVI]),
        ({"mail_reply_to": ["nonsense"]}, [ASHA], [ASHA]),
        ({"mail_cc": [RAVI, SALES]}, [ASHA], [ASHA, RAVI]),
        ({"mail_to": [SUPPORT, BINA], "mail_cc": [BINA, ASHA]}, [ASHA], [ASHA, BINA]),
        ({"sender": SALES}, [], []),
        ({"sender": SALES.upper()}, [], []),
        ({"sender": SALES, "mail_reply_to": [RAVI]}, [RAVI], [RAVI]),
        ({"sender": "MAILER-DAEMON"}, [], []),
        ({"sender": SALES, "answer_to": BINA}, [BINA], [BINA]),
    ],
)  # fmt: skip
def test_an_answer_goes_to_who_wrote(
    columns: dict[str, Any], writer: list[str], everybody: list[str]
) -> None:
    answered = of_message(inbound(**columns), OWN)

    assert (answered.reply_to, answered.reply_all) == (writer, everybody)


def test_after_a_mail_of_ours_it_goes_where_that_went() -> None:
    ours = inbound(direction="outbound", sender=SUPPORT, mail_to=[RAVI, SALES], mail_cc=[BINA])

    answered = of_message(ours, OWN)

    assert (answered.reply_to, answered.reply_all) == ([RAVI], [RAVI, BINA])


anybody = st.sampled_from([*PEOPLE, *OWN])


@dataclass(frozen=True)
class Written:
    """One mail of a random thread."""

    sender: str
    reply_to: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    is_listed: bool


letters = st.lists(
    st.builds(
        Written,
        sender=anybody,
        reply_to=st.lists(anybody, max_size=2).map(tuple),
        to=st.lists(anybody, max_size=3).map(tuple),
        cc=st.lists(anybody, max_size=3).map(tuple),
        subject=st.sampled_from(["Parcel 4711", "Re: Parcel 4711", "Fwd: Parcel 4711", ""]),
        is_listed=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def as_letter(written: Written, number: int) -> Letter:
    headers = [f"Reply-To: {', '.join(written.reply_to)}"] if written.reply_to else []
    headers += ["List-Id: <pumps.lists.example>"] if written.is_listed else []
    return Letter(
        f"mail {number}", sender=written.sender, to=(SUPPORT, *written.to), cc=written.cc,
        subject=written.subject, mail_id=f"{number}@x", references=["0@x"] if number else [], day=number,
        headers=headers, proven=written.sender in OWN or None,
    )  # fmt: skip


@given(letters)
@settings(max_examples=in_soak(1000, else_=60), deadline=None)
def test_whatever_came_nobody_is_answered_who_did_not_write(written: list[Written]) -> None:
    for each in written:
        row = inbound(
            sender=each.sender,
            mail_reply_to=list(each.reply_to),
            mail_to=list(each.to),
            mail_cc=list(each.cc),
        )

        answered = of_message(row, OWN)

        assert set(answered.reply_to) <= {each.sender, *each.reply_to} - OWN
        assert set(answered.reply_all) <= {each.sender, *each.reply_to, *each.to, *each.cc} - OWN


@pytest.fixture
def arrivals(product: Product, organization: Organization) -> Arrivals:
    product.add_mailbox(organization, SALES)
    return Arrivals(product, organization)


def shown(arrivals: Arrivals, agent: Actor, text: str) -> Any:
    """The thread of a mail, as an agent sees it."""
    return arrivals.product.app.threads.read.get(actor=agent, thread_id=arrivals.message(text)["thread_id"])


def answer(arrivals: Arrivals, agent: Actor, thread_id: UUID, **fields: Any) -> dict[str, Any]:
    """Answer a thread by mail and return the row of the ledger."""
    content = NewEmailMessage(channel="EMAIL", content_text="Our answer", **fields)
    app = arrivals.product.app
    sent = app.messages.send.send(actor=agent, thread_id=thread_id, content=content, once=None)
    (row,) = arrivals.product.database.rows("SELECT * FROM messages WHERE id = %s", (sent.message_id,))
    return row


@given(letters)
@settings(
    max_examples=in_soak(300, else_=15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_answer_without_recipients_goes_to_who_wrote_the_newest_mail(
    product: Product, test_database: TestDatabase, written: list[Written]
) -> None:
    organization = test_database.add_organization()
    product.add_mailbox(organization, SALES)
    arrivals = Arrivals(product, organization)
    agent = product.actor(organization)

    arrivals.file(*(as_letter(each, number) for number, each in enumerate(written)))

    for thread_id in {message["thread_id"] for message in arrivals.messages()}:
        thread = product.app.threads.read.get(actor=agent, thread_id=thread_id)
        newest = max(thread.messages, key=lambda one: one.occurred_at)
        assert set(thread.reply_to.get("EMAIL", ())) <= {newest.sender, *newest.reply_to} - OWN
        assert OWN.isdisjoint(thread.reply_all.get("EMAIL", ()))


def test_the_newest_mail_is_answered_and_not_the_newest_of_the_customers(
    arrivals: Arrivals, agent: Actor
) -> None:
    """A customer has two addresses: what they wrote from last in another thread decides nothing here."""
    arrivals.file(Letter("here", mail_id="1@x"), Letter("elsewhere", subject="Other", sender=RAVI, day=1))
    arrivals.product.database.rows(
        "UPDATE customer_addresses SET customer_id = (SELECT customer_id FROM customer_addresses WHERE address = %s)",
        (ASHA,),
    )

    row = answer(arrivals, agent, arrivals.message("here")["thread_id"])

    assert row["mail_to"] == [ASHA]


def test_whom_we_write_to_is_not_the_customers_address(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("broken boiler", mail_id="1@x"))
    thread_id = arrivals.message("broken boiler")["thread_id"]

    answer(arrivals, agent, thread_id, to=BINA)
    arrivals.file(Letter("price list", sender=BINA, subject="Dealer price list", day=1))

    assert arrivals.message("price list")["thread_id"] != thread_id
    assert shown(arrivals, agent, "price list").customer.addresses[0].address == BINA
    assert shown(arrivals, agent, "broken boiler").reply_to == {"EMAIL": [ASHA]}
    assert answer(arrivals, agent, thread_id)["mail_to"] == [ASHA]


def test_a_colleague_in_copy_who_answers_is_answered(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("contract", cc=[RAVI], mail_id="1@x"))
    thread_id = arrivals.message("contract")["thread_id"]
    ours = answer(arrivals, agent, thread_id)
    arrivals.file(
        Letter("I am Ravi", sender=RAVI, references=["1@x", ours["mail_message_id"]], day=1, cc=[ASHA])
    )

    thread = shown(arrivals, agent, "I am Ravi")

    assert thread.id == thread_id
    assert thread.reply_to == {"EMAIL": [RAVI]}
    assert thread.reply_all == {"EMAIL": [RAVI, ASHA]}
    assert answer(arrivals, agent, thread_id, to=RAVI)["mail_to"] == [RAVI]


def test_a_named_message_is_answered(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(
        Letter("first", mail_id="1@x", cc=[RAVI]),
        Letter("second", mail_id="2@x", sender=RAVI, references=["1@x"], day=1),
    )
    first = arrivals.message("first")

    row = answer(arrivals, agent, first["thread_id"], reply_to_message_id=first["id"])

    assert (row["mail_to"], row["mail_in_reply_to"]) == ([ASHA], "1@x")


def test_several_are_answered_at_once(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("first", mail_id="1@x"))

    row = answer(arrivals, agent, arrivals.message("first")["thread_id"], to=[RAVI, BINA])

    assert (row["recipient"], row["mail_to"]) == (RAVI, [RAVI, BINA])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"to": SUPPORT}, "to"),
        ({"to": [RAVI, SALES.upper()]}, "to"),
        ({"cc": [SALES]}, "cc"),
        ({"bcc": [SUPPORT]}, "bcc"),
    ],
)
def test_our_own_mailboxes_are_no_recipients(
    arrivals: Arrivals, agent: Actor, fields: dict[str, Any], field: str
) -> None:
    arrivals.file(Letter("first", mail_id="1@x"))
    before = arrivals.messages()

    with pytest.raises(ValidationFailed, match="your own organization's") as refusal:
        answer(arrivals, agent, arrivals.message("first")["thread_id"], **fields)

    assert refusal.value.details["field"] == field
    assert arrivals.messages() == before


def test_a_mail_from_our_own_address_needs_a_named_recipient(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("from ourselves", sender=SUPPORT, mail_id="1@x"))

    with pytest.raises(ValidationFailed, match="to is required"):
        answer(arrivals, agent, arrivals.message("from ourselves")["thread_id"])

    assert shown(arrivals, agent, "from ourselves").reply_to == {}
    assert shown(arrivals, agent, "from ourselves").customer.addresses == []


def test_another_threads_message_is_not_answered(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("here", mail_id="1@x"), Letter("there", subject="Other", sender=RAVI, day=1))

    with pytest.raises(ValidationFailed, match="must be a message of this thread") as refusal:
        answer(
            arrivals, agent, arrivals.message("here")["thread_id"],
            reply_to_message_id=arrivals.message("there")["id"],
        )  # fmt: skip

    assert refusal.value.details["field"] == "reply_to_message_id"


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ([RAVI, RAVI.upper()], "to each address once"),
        ([], "at least 1"),
        ([f"a{number}@customer.example" for number in range(151)], "at most 150"),
        (["nobody"], "must be an email address"),
    ],
)
def test_recipients_are_few_whole_and_each_once(to: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        NewEmailMessage(channel="EMAIL", content_text="x", to=to)


def test_an_address_is_a_recipient_or_gets_a_copy() -> None:
    with pytest.raises(ValueError, match="to each address once"):
        NewEmailMessage(channel="EMAIL", content_text="x", to=[RAVI], bcc=[RAVI])


def test_a_mail_without_a_subject_is_answered(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("no subject", subject="", mail_id="1@x"))

    row = answer(arrivals, agent, arrivals.message("no subject")["thread_id"])

    assert (row["subject"], row["mail_in_reply_to"]) == ("Re:", "1@x")


def test_a_bounce_is_not_what_is_answered(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("question", mail_id="1@x"))
    ours = answer(arrivals, agent, arrivals.message("question")["thread_id"])
    arrivals.file(
        Letter(
            "undeliverable", sender="MAILER-DAEMON@mx.example", subject="Undelivered Mail",
            references=[ours["mail_message_id"]], headers=[f"X-Failed-Recipients: {ASHA}"], day=1,
        )
    )  # fmt: skip

    assert shown(arrivals, agent, "undeliverable").reply_to == {"EMAIL": [ASHA]}


def test_messages_say_who_wrote_them(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(
        Letter("question", sender=f"Asha Rao <{ASHA}>", headers=[f"Reply-To: {RAVI}"], mail_id="1@x")
    )
    arrivals.product.database.rows("UPDATE users SET name = 'Anita Agent' WHERE id = %s", (agent.user_id,))
    answer(arrivals, agent, arrivals.message("question")["thread_id"])

    theirs, ours = shown(arrivals, agent, "question").messages

    assert (theirs.sender, theirs.sender_name, theirs.reply_to) == (ASHA, "Asha Rao", [RAVI])
    assert (ours.sender, ours.sender_name) == (SUPPORT, "Anita Agent")
