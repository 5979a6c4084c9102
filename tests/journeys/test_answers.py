"""To whom an answer goes, from the mail that came by SMTP to the mail that left by SMTP."""

from typing import Any

import pytest

from tests.support.running.inbox import Inbox


@pytest.mark.mails("third-party-and-colleague")
def test_whom_an_agent_asks_is_not_whom_the_customer_is(inbox: Inbox):
    noor = inbox.receive("B1")
    asked = inbox.answer(noor["id"], to=inbox.at("parts@vendor2.example"))
    assert asked["recipients"] == [inbox.at("parts@vendor2.example")]

    vendor = inbox.receive("B2")

    assert vendor["id"] != noor["id"]
    assert [one["address"] for one in vendor["customer"]["addresses"]] == [inbox.at("parts@vendor2.example")]
    assert inbox.answer(noor["id"])["recipients"] == [inbox.at("noor@cust2.example")]


@pytest.mark.mails("third-party-and-colleague")
def test_a_colleague_in_copy_is_answered(inbox: Inbox):
    first = inbox.receive("A1")
    ours = inbox.answer(first["id"])

    second = inbox.receive(
        "A2", **{"9b3a8ff0-efbc-436e-832a-f04802411080@banxway.local": ours["message_id"].strip("<>")}
    )

    assert second["id"] == first["id"]
    assert second["reply_to"] == {"EMAIL": [inbox.at("xena@corp.example")]}
    assert inbox.answer(first["id"])["recipients"] == [inbox.at("xena@corp.example")]
    named = inbox.answer(first["id"], to=[inbox.at("xena@corp.example"), inbox.at("wim@corp.example")])
    assert named["recipients"] == [inbox.at("xena@corp.example"), inbox.at("wim@corp.example")]


@pytest.mark.mails("reply-to")
def test_visitors_of_a_form_are_answered_at_their_reply_to(inbox: Inbox):
    kiran, lata = inbox.receive("form-0"), inbox.receive("form-1")

    assert kiran["id"] != lata["id"]
    assert kiran["customer"]["id"] != lata["customer"]["id"]
    assert kiran["messages"][0]["reply_to"] == [inbox.at("kiran@visitor.example")]
    assert inbox.answer(kiran["id"])["recipients"] == [inbox.at("kiran@visitor.example")]
    assert inbox.answer(lata["id"])["recipients"] == [inbox.at("lata@visitor.example")]


@pytest.mark.mails("no-subject")
def test_a_mail_without_a_subject_is_answered(inbox: Inbox):
    thread = inbox.receive("W1")

    mail = inbox.answer(thread["id"])

    assert mail["subject"].strip() == "Re:"
    assert mail["in_reply_to"].strip("<>") == thread_id_of(inbox, thread)


def thread_id_of(inbox: Inbox, thread: dict[str, Any]) -> str:
    """The Message-ID of the first mail of a thread."""
    (row,) = inbox.company.sql(
        "SELECT mail_message_id FROM messages WHERE thread_id = %s ORDER BY occurred_at LIMIT 1",
        (thread["id"],),
    )
    return str(row["mail_message_id"])


@pytest.mark.mails("provider-rewrote-message-id")
def test_answers_that_name_the_providers_id_join(inbox: Inbox):
    first = inbox.receive("D1")
    inbox.answer(first["id"])

    by_reference = inbox.receive("D2")
    by_subject = inbox.receive("D3")

    assert by_reference["id"] == by_subject["id"] == first["id"]
    rules = {each["body_text"]: each["join_rule"] for each in by_subject["messages"]}
    assert rules["second with refs"] == "references"
    assert rules["third, only provider id"] == "replaced_id"


@pytest.mark.parametrize(
    ("first", "follows", "spelled"),
    [
        ("T0", "T0f", "[b7c5]-quoted id with space@odd.example"),
        ("T2", "T2f", '"quoted local"@odd.example'),
        ("T5", "T5f", "dotless-no-at"),
    ],
)
@pytest.mark.mails("odd-message-ids")
def test_odd_ids_join_and_are_repeated_byte_for_byte(inbox: Inbox, first: str, follows: str, spelled: str):
    thread = inbox.receive(first)

    mail = inbox.answer(thread["id"])

    assert mail["in_reply_to"] == f"<{inbox.at(spelled)}>"
    assert inbox.receive(follows)["id"] == thread["id"]


@pytest.mark.mails("staff-forward")
def test_a_members_forward_offers_the_customer(inbox: Inbox):
    member = {"agent@banxway.local": inbox.company.agent.email}
    thread = inbox.receive("F1", **member)
    suggested = thread["suggested_customer"]
    assert (suggested["email"], suggested["name"]) == (inbox.at("omid@client.example"), "Omid Client")

    answer = inbox.company.agent.put(
        f"/communications/threads/{thread['id']}/customer",
        {"email": suggested["email"], "name": suggested["name"]},
    )

    assert answer.json()["data"]["customer"]["name"] == "Omid Client"
    assert inbox.answer(thread["id"])["recipients"] == [inbox.at("omid@client.example")]
