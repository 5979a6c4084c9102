"""What a customer wrote is read whole, from the mail that came by SMTP to the answer that left by SMTP."""

from typing import Any

import pytest

from tests.support.running.inbox import Inbox

NOT_VERIFIED = "The mail is signed (S/MIME); the signature was not verified."
ASKED = ("663c93c4-7e5b-4ff5-bd67-f0f8778156b2@banxway.local", "cem@slow.example")


@pytest.mark.parametrize("name", ["01-opaque", "01b-detached", "01c-octet"])
@pytest.mark.mails("opaque-smime")
def test_a_signed_mail_is_read_without_a_key(inbox: Inbox, name: str):
    thread = inbox.receive(name)
    (message,) = thread["messages"]

    assert message["body_text"] == "Please cancel order 4711, the cartons arrived wet. Grüße, Ravi"
    assert "invoice-4711.pdf" in [each["filename"] for each in message["attachments"]]
    # A signature apart is a file beside the text, listed as one; what was opened says that nobody verified it.
    assert message["problems"] == ([] if name == "01b-detached" else [NOT_VERIFIED])
    assert inbox.answer(thread["id"])["recipients"] == [inbox.at("ravi@signed.example")]


def shown(message: dict[str, Any]) -> str:
    """What an agent sees first of a message: its reply, or all of it where its parts are not distinguished."""
    return str(message["body_text"] if message["reply_text"] is None else message["reply_text"])


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "06-inline-text",
            ["which colour do you want?", "Blue, please.", "And which size?", "Size 42."],
        ),
        (
            "06b-inline-html",
            ["Which colour do you want?", "Green, please.", "And which size?", "Size 43."],
        ),
        (
            "06c-inline-outlook",
            ["See my answers in red below.", "Which colour do you want?", "Yellow, please.", "Size 44."],
        ),
    ],
)
@pytest.mark.mails("inline-replies")
def test_answers_between_and_inside_quotes_are_shown_with_their_questions(
    inbox: Inbox, name: str, lines: list[str]
):
    thread = inbox.receive(name)
    text = shown(thread["messages"][0])

    places = [text.find(line) for line in lines]
    assert -1 not in places
    assert places == sorted(places)
    assert inbox.answer(thread["id"])["recipients"] == [inbox.at("pia@inline.example")]


@pytest.mark.mails("burst-title")
def test_a_conversation_that_comes_within_a_second_is_named_by_its_first_mail(inbox: Inbox):
    (thread,) = inbox.receive_together("C0", "C1", "C2", "C3", "C4", "C5")

    assert thread["subject"] == "Burst"
    assert [each["body_text"] for each in thread["messages"]] == [f"part {number}" for number in range(6)]
    assert [each["date"][:19] for each in thread["messages"]] == [
        f"2026-11-{20 + number}T07:30:0{number}" for number in range(6)
    ]
    answer = inbox.answer(thread["id"])
    assert answer["in_reply_to"].strip("<>") == inbox.at("b5@burst.example")


@pytest.mark.mails("relayed-report")
def test_a_relayed_report_joins_its_message_quietly(inbox: Inbox):
    first = inbox.receive("H0")
    ours = inbox.answer(first["id"])
    inbox.company.agent.ask(f"/communications/threads/{first['id']}/read")

    after = inbox.receive("H3", **{ASKED[0]: ours["message_id"].strip("<>")})

    assert after["id"] == first["id"]
    assert summary(inbox, first["id"])["unread_count"] == 0
    (sent,) = [each for each in after["messages"] if each["direction"] == "outbound"]
    assert sent["status"] not in ("failed", "undelivered")
    assert after["reply_to"] == {"EMAIL": [inbox.at(ASKED[1])]}


def summary(inbox: Inbox, thread_id: str) -> dict[str, Any]:
    """The thread's row in the list of threads."""
    (row,) = [each for each in inbox.company.agent.read("/communications/threads") if each["id"] == thread_id]
    return dict(row)
