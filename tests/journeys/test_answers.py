"""To whom an answer goes, from the mail that came by SMTP to the mail that left by SMTP."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.company import Company

MAILS = Path(__file__).parent / "mails"


class Inbox:
    """The company's mailbox: mails of a folder come in, and what agents answer goes out."""

    def __init__(self, company: Company, folder: str) -> None:
        self.company = company
        self._folder = MAILS / folder
        self._account = company.connect_mailbox(poll_interval_ms=300_000)
        self._apart = uuid4().hex[:8]

    def receive(self, name: str, **places: str) -> dict[str, Any]:
        """Let one mail come in, with some of its words replaced; returns the thread that it is in."""
        raw = (self._folder / f"{name}.eml").read_text(encoding="utf-8")
        # Journeys share a running bundle: what other tests wrote to the same people must not come into this one.
        raw = raw.replace(".example", f".{self._apart}.example")
        for place, value in {"support@banxway.local": self.company.mailbox["email"], **places}.items():
            assert place in raw, place
            raw = raw.replace(place, value)
        before = {each["id"] for each in self._messages()}
        self.company.deliver_mail("\r\n".join(raw.splitlines()).encode() + b"\r\n")
        self.company.admin.ask(f"/settings/email-accounts/{self._account}/poll-now")
        (new,) = [each for each in self._messages() if each["id"] not in before]
        return self.thread(new["thread_id"])

    def thread(self, thread_id: str) -> dict[str, Any]:
        return dict(self.company.agent.read(f"/communications/threads/{thread_id}"))

    def answer(self, thread_id: str, **fields: Any) -> dict[str, Any]:
        """Answer a thread and return what SMTP received: its envelope and what it says."""
        path = f"/communications/threads/{thread_id}/messages"
        body = {"channel": "EMAIL", "content_text": f"Answer {uuid4()}", **fields}
        preview = self.company.agent.ask(f"{path}/preview", body)
        sent = self.company.agent.ask(path, body)
        self.company.await_status(sent["message_id"], "sent", "accepted")
        (mail,) = [
            each
            for each in self.company.sandbox("/mail/outbox")["mails"]
            if each["message_id"].strip("<>") == sent["smtp_message_id"].strip("<>")
        ]
        assert [one["address"] for one in preview["recipients"]] == mail["recipients"]
        return dict(mail)

    def at(self, address: str) -> str:
        """An address as it stands in this test's mails."""
        return address.replace(".example", f".{self._apart}.example")

    def _messages(self) -> list[dict[str, Any]]:
        return self.company.sql(
            "SELECT id, thread_id FROM messages WHERE organization_id = %s", (self.company.id,)
        )


@pytest.fixture
def inbox(company: Company, request: pytest.FixtureRequest) -> Inbox:
    return Inbox(company, request.node.get_closest_marker("mails").args[0])


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
    assert [each["join_rule"] for each in by_subject["messages"] if each["direction"] == "inbound"] == [
        "new", "references", "replaced_id",
    ]  # fmt: skip


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
