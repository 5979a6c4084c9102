"""A provider replaces the Message-ID of what we send: our mail is known by more ids, and so are its answers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.mailboxes.arrivals import ASHA, MALLORY, RAVI, START, Arrivals, Letter
from tests.support.product.builders import SUPPORT

QUESTION = Letter("question", mail_id="1@x", subject="SES case")
THEIRS = "0100019-rewritten@ap-south-1.amazonses.com"


@pytest.fixture
def ours(arrivals: Arrivals) -> dict[str, Any]:
    """A mail of ours that answers the question."""
    arrivals.file(QUESTION)
    return add_ours(arrivals, at=datetime(2026, 1, 15, 10, tzinfo=UTC))


def add_ours(arrivals: Arrivals, *, at: datetime) -> dict[str, Any]:
    message_id = uuid4()
    arrivals.product.add_message(
        arrivals.organization, arrivals.message("question")["thread_id"], id=message_id, channel="EMAIL",
        status="sent", sender=SUPPORT, recipient=ASHA, body_text="ours", subject="Re: SES case",
        mail_message_id=f"{message_id}@yourdomain.com", mail_to=[ASHA], mail_base_subject="ses case",
        mail_references=["1@x"],
        occurred_at=at,
    )  # fmt: skip
    return {"id": message_id}


def copy_in_sent(ours: dict[str, Any], *, role: str = "sent", sender: str = SUPPORT) -> Letter:
    return Letter(
        "ours", sender=sender, to=[ASHA], subject="Re: SES case", mail_id=THEIRS, role=role, day=0.1,
        headers=[f"X-Banxway-Message: {ours['id']}"],
    )  # fmt: skip


def test_the_copy_in_sent_is_our_own_mail(arrivals: Arrivals, ours: dict[str, Any]) -> None:
    arrivals.file(copy_in_sent(ours))

    assert [message["body_text"].strip() for message in arrivals.messages()] == ["question", "ours"]


def test_an_answer_that_names_the_providers_id_joins(arrivals: Arrivals, ours: dict[str, Any]) -> None:
    arrivals.file(copy_in_sent(ours))

    arrivals.file(Letter("answer", references=[THEIRS], day=1, subject="Something else"))

    assert arrivals.threads() == [{"question", "ours", "answer"}]
    assert arrivals.message("answer")["join_rule"] == "references"


def test_an_answer_that_came_before_the_copy_joins_when_it_comes(
    arrivals: Arrivals, ours: dict[str, Any]
) -> None:
    arrivals.file(Letter("answer", references=[THEIRS], day=1, subject="Something else"))
    assert len(arrivals.threads()) == 2

    arrivals.file(copy_in_sent(ours))
    arrivals.file(Letter("more", references=[THEIRS], day=2, subject="Something else"))

    assert arrivals.threads() == [{"question", "ours", "answer", "more"}]


def test_our_header_in_a_mail_that_came_in_proves_nothing(arrivals: Arrivals, ours: dict[str, Any]) -> None:
    arrivals.file(copy_in_sent(ours, role="inbox", sender=MALLORY))

    arrivals.file(Letter("answer", references=[THEIRS], day=1, subject="Something else"))

    assert {"question", "ours"} in arrivals.threads()


def test_a_forged_copy_with_our_header_hides_nothing(arrivals: Arrivals, ours: dict[str, Any]) -> None:
    """Only a copy in the Sent folder is known by our header; an inbound one stays a message of its own."""
    arrivals.file(copy_in_sent(ours, role="inbox"))

    assert [each["body_text"].strip() for each in arrivals.messages()].count("ours") == 2


def test_a_proven_sender_who_names_an_unknown_id_joins_by_subject(
    arrivals: Arrivals, ours: dict[str, Any]
) -> None:
    arrivals.file(Letter("answer", references=[THEIRS], day=1, subject="Re: SES case", proven=True))

    assert arrivals.threads() == [{"question", "ours", "answer"}]
    assert arrivals.message("answer")["join_rule"] == "replaced_id"


def test_an_answer_within_the_second_of_ours_joins(arrivals: Arrivals) -> None:
    """Its server gives the second of its arrival, which began before our mail left."""
    arrivals.file(QUESTION)
    answer = Letter("answer", references=[THEIRS], day=1, subject="Re: SES case", proven=True)
    add_ours(arrivals, at=START + timedelta(days=1, milliseconds=900))

    arrivals.file(answer)

    assert arrivals.threads() == [{"question", "ours", "answer"}]


@pytest.mark.parametrize(
    "letter",
    [
        Letter("answer", references=[THEIRS], day=1, subject="Re: SES case"),
        Letter("answer", references=[THEIRS], day=1, subject="Re: SES case", proven=False),
        Letter("answer", references=[THEIRS], day=1, subject="SES case", proven=True),
        Letter("answer", references=[THEIRS], day=1, subject="Re: another case", proven=True),
        Letter("answer", references=[THEIRS], day=40, subject="Re: SES case", proven=True),
        Letter("answer", references=[THEIRS], day=1, subject="Re: SES case", proven=True, sender=RAVI),
    ],
    ids=["unproven", "false", "no reply", "another subject", "long ago", "another person"],
)
def test_nobody_else_joins_by_an_unknown_id(arrivals: Arrivals, ours: dict[str, Any], letter: Letter) -> None:
    arrivals.file(letter)

    assert arrivals.threads() == [{"question", "ours"}, {"answer"}]


def test_an_unknown_id_follows_nothing_that_we_did_not_answer(arrivals: Arrivals) -> None:
    arrivals.file(QUESTION, Letter("answer", references=[THEIRS], day=1, subject="Re: SES case", proven=True))

    assert arrivals.threads() == [{"question"}, {"answer"}]


def test_a_known_id_counts_before_the_subject(arrivals: Arrivals, ours: dict[str, Any]) -> None:
    arrivals.file(Letter("other", mail_id="2@x", subject="Other", day=0.5))

    arrivals.file(Letter("answer", references=["2@x"], day=1, subject="Re: SES case", proven=True))

    assert {"other", "answer"} in arrivals.threads()
