"""Batches of mail: what a folder proves of a mail, second copies, and mails that fail their batch."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from banxway.errors import Unavailable
from banxway.models.actors import Actor
from banxway.models.threads.threads import ThreadQuery
from tests.support.databases.postgres import Organization
from tests.support.mailboxes.arrivals import ASHA, RAVI, START, Arrivals, Letter
from tests.support.product.builders import SUPPORT, Product


@pytest.fixture
def arrivals(product: Product, organization: Organization) -> Arrivals:
    return Arrivals(product, organization)


def _own_mail(arrivals: Arrivals, **columns: Any) -> UUID:
    thread = arrivals.product.add_thread(arrivals.organization, email=ASHA)
    values = {
        "channel": "EMAIL",
        "status": "unknown",
        "sender": SUPPORT,
        "recipient": ASHA,
        "mail_to": [ASHA],
        "subject": "Your parcel",
        "body_text": "On its way",
        "mail_message_id": "ours@yourdomain.com",
        "email_account_id": arrivals.account_id,
    } | columns
    return arrivals.product.add_message(arrivals.organization, thread, **values)


# The Sent folder.


def test_our_own_mail_in_sent_is_proof_that_it_was_sent(arrivals: Arrivals) -> None:
    ours = _own_mail(arrivals)

    filed = arrivals.file(
        Letter("On its way", sender=SUPPORT, to=[ASHA], mail_id="ours@yourdomain.com", role="sent")
    )

    assert arrivals.product.row(ours)["status"] == "sent"
    assert (filed.new_messages, len(arrivals.messages())) == (0, 1)
    # The mailbox came with the test.
    assert [kind for kind, _ in arrivals.news() if kind != "mailbox.updated"] == ["message.status"]


def test_what_another_client_sent_is_an_outbound_message_of_the_customers_thread(arrivals: Arrivals) -> None:
    arrivals.file(Letter("question", mail_id="q@x"))

    filed = arrivals.file(
        Letter(
            "answer",
            sender=SUPPORT,
            to=["sales@yourdomain.com", ASHA],
            references=["q@x"],
            role="sent",
            day=1,
        )
    )

    answer = arrivals.message("answer")
    assert (answer["direction"], answer["status"], answer["recipient"]) == (
        "outbound",
        "sent",
        "sales@yourdomain.com",
    )
    assert answer["thread_id"] == arrivals.message("question")["thread_id"]
    assert (filed.new_messages, filed.has_changes) == (0, True)


def test_what_we_write_first_is_a_thread_with_whom_it_is_to(arrivals: Arrivals) -> None:
    arrivals.product.add_mailbox(arrivals.organization, "sales@yourdomain.com")

    arrivals.file(Letter("offer", sender=SUPPORT, to=["sales@yourdomain.com", RAVI], role="sent"))

    thread = arrivals.thread(arrivals.message("offer")["thread_id"])
    (address,) = arrivals.product.database.rows(
        "SELECT address FROM customer_addresses WHERE customer_id = %s", (thread["customer_id"],)
    )
    assert address["address"] == RAVI


def test_our_own_mail_that_reached_another_mailbox_of_ours_is_the_same_message(arrivals: Arrivals) -> None:
    _own_mail(arrivals, status="sent")

    arrivals.file(
        Letter(
            "On its  way",
            sender=SUPPORT,
            to=[ASHA, SUPPORT],
            subject="Your parcel",
            mail_id="ours@yourdomain.com",
        )
    )

    assert len(arrivals.messages()) == 1


def test_a_mail_between_our_mailboxes_is_ours_whichever_copy_comes_first(arrivals: Arrivals) -> None:
    sales = "sales@yourdomain.com"
    arrivals.product.add_mailbox(arrivals.organization, sales)
    note = {"sender": SUPPORT, "to": [sales], "mail_id": "note@us"}

    arrivals.file(Letter("note", **note), Letter("note", role="sent", **note))

    (message,) = arrivals.messages()
    assert (message["direction"], message["status"]) == ("outbound", "sent")


def test_other_words_under_our_own_message_id_are_not_hidden_by_it(arrivals: Arrivals) -> None:
    _own_mail(arrivals, status="sent")

    arrivals.file(
        Letter("Pay here", sender=SUPPORT, subject="Your parcel", mail_id="ours@yourdomain.com", day=1)
    )

    assert arrivals.message("Pay here")["direction"] == "inbound"
    assert len(arrivals.threads()) == 2


# The spam folder.


def test_junk_is_filed_as_spam_and_out_of_sight(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(Letter("win", role="junk"))

    threads = arrivals.product.app.threads.read
    assert threads.list_page(actor=agent, query=ThreadQuery()).rows == []
    (spam,) = threads.list_page(actor=agent, query=ThreadQuery(is_spam=True)).rows
    assert spam.is_spam
    assert arrivals.message("win")["is_spam"]


def test_a_mail_moved_out_of_the_spam_folder_is_in_sight_again(arrivals: Arrivals) -> None:
    arrivals.file(Letter("win", mail_id="w@x", role="junk"))

    arrivals.file(Letter("win", mail_id="w@x"))

    message = arrivals.message("win")
    assert not message["is_spam"]
    assert not arrivals.thread(message["thread_id"])["is_spam"]
    assert arrivals.news()[-1] == ("thread.updated", message["thread_id"])


def test_a_mail_moved_into_the_spam_folder_is_spam(arrivals: Arrivals) -> None:
    arrivals.file(Letter("win", mail_id="w@x"), Letter("other", mail_id="o@x"))

    arrivals.file(Letter("win", mail_id="w@x", role="junk"))

    assert arrivals.thread(arrivals.message("win")["thread_id"])["is_spam"]
    assert not arrivals.thread(arrivals.message("other")["thread_id"])["is_spam"]


def test_spam_that_joins_a_thread_hides_nothing_of_it_and_opens_it_for_nobody(arrivals: Arrivals) -> None:
    arrivals.file(Letter("question", mail_id="q@x"))
    thread = arrivals.message("question")["thread_id"]
    arrivals.product.database.rows("UPDATE threads SET status = 'closed' WHERE id = %s", (thread,))

    arrivals.file(Letter("spam", references=["q@x"], role="junk", day=1))

    row = arrivals.thread(thread)
    assert (row["is_spam"], row["status"]) == (False, "closed")
    assert arrivals.message("spam")["is_spam"]


# What is known of a mail.


def test_whom_a_mail_is_to_and_what_it_says_alone_is_kept(arrivals: Arrivals) -> None:
    arrivals.file(
        Letter(
            "ignored", to=[SUPPORT, RAVI], cc=["team@customer.example"], is_seen=True, proven=True,
            headers=["Reply-To: desk@customer.example", "Thread-Index: AdqB" + "A" * 26 + "=="],
            body="Content-Type: text/plain\r\n\r\nThanks!\r\n\r\n"
            "On Mon, 12 Jan 2026 at 10:00, Support <s@yourdomain.com> wrote:\r\n> Hello\r\n",
        )
    )  # fmt: skip

    (row,) = arrivals.messages()
    assert (row["mail_to"], row["mail_cc"]) == ([SUPPORT, RAVI], ["team@customer.example"])
    assert row["mail_reply_to"] == ["desk@customer.example"]
    assert row["reply_text"].strip() == "Thanks!"
    assert "> Hello" in row["body_text"]
    assert (row["mail_base_subject"], row["mail_authentication"]) == ("parcel 4711", "passed")
    assert row["mail_conversation"].startswith("01da81")
    assert row["seen_at"] is not None


def test_a_mail_that_comes_again_read_has_been_read(arrivals: Arrivals) -> None:
    arrivals.file(Letter("one", mail_id="1@x"))

    arrivals.file(Letter("one", mail_id="1@x", is_seen=True))

    assert arrivals.message("one")["seen_at"] is not None


def test_a_new_thread_is_given_to_whom_the_mailbox_names(arrivals: Arrivals) -> None:
    arrivals.product.database.rows(
        "UPDATE email_accounts SET assigned_to_user_id = %s", (arrivals.organization.agent,)
    )

    arrivals.file(Letter("one"))

    thread = arrivals.thread(arrivals.message("one")["thread_id"])
    assert thread["assigned_to_user_id"] == arrivals.organization.agent


def test_a_date_that_lies_ahead_is_now(arrivals: Arrivals) -> None:
    arrivals.file(Letter("tomorrow", day=5000))

    (row,) = arrivals.product.database.rows("SELECT last_message_at <= now() AS is_past FROM threads")
    assert row["is_past"]


def test_an_answer_comes_after_what_it_answers_whatever_the_servers_clock_says(arrivals: Arrivals) -> None:
    """A server gives whole seconds, and its clock may be slow."""
    sent_at = START + timedelta(days=1, milliseconds=700)
    _own_mail(arrivals, status="sent", occurred_at=sent_at)

    arrivals.file(
        Letter("in the same second", references=["ours@yourdomain.com"], day=1),
        Letter("a minute early", references=["ours@yourdomain.com"], day=1 - 60 / 86_400),
        Letter("the next day", references=["ours@yourdomain.com"], day=2),
    )

    times = [
        arrivals.message(text)["occurred_at"]
        for text in ("in the same second", "a minute early", "the next day")
    ]
    assert sent_at < times[0] == times[1] < sent_at + timedelta(seconds=1)
    assert times[2] == START + timedelta(days=2)


def test_the_same_mail_twice_in_a_batch_is_one_message(arrivals: Arrivals) -> None:
    filed = arrivals.file(
        Letter("one", mail_id="1@x"), Letter("one", mail_id="1@x"), Letter("two", mail_id="2@x")
    )

    assert (filed.new_messages, filed.new_threads, len(arrivals.messages())) == (2, 2, 2)


# Mails that fail their batch.


def test_what_rules_trip_over_is_filed_without_them(arrivals: Arrivals) -> None:
    def trip(transaction: Any, *, account: Any, mails: Any) -> list[UUID]:
        if any("poison" in mail.mail.text for mail in mails):
            raise ValueError("a rule tripped")
        return []

    arrivals.product.app.email_sync.automation.apply = trip

    filed = arrivals.file(
        Letter("good", mail_id="1@x"), Letter("poison", mail_id="2@x"), Letter("fine", mail_id="3@x")
    )

    assert sorted(row["body_text"].strip() for row in arrivals.messages()) == ["fine", "good", "poison"]
    assert filed.new_messages == 3


def test_a_mail_that_no_row_takes_is_a_visible_stub_and_its_batch_is_filed(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    from banxway.services.email_sync.filing import row as mail_rows

    whole = mail_rows.conversation_of

    def trip(mail: Any) -> str | None:
        return "x" * 400_000 if "poison" in mail.text else whole(mail)

    monkeypatch.setattr(mail_rows, "conversation_of", trip)

    arrivals.file(Letter("good", mail_id="1@x"), Letter("poison", mail_id="2@x"))

    subjects = sorted(row["subject"] for row in arrivals.messages())
    assert subjects == ["A mail that cannot be read here", "Parcel 4711"]


def test_a_database_that_is_away_is_nobodys_fault_and_makes_no_stub(arrivals: Arrivals) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise Unavailable("The database does not answer; try again shortly")

    arrivals.product.app.email_sync.automation.apply = fail

    with pytest.raises(Unavailable):
        arrivals.file(Letter("one"))

    assert arrivals.messages() == []


# What a message keeps of its mail.


def test_spam_that_is_thrown_away_stays_spam(arrivals: Arrivals) -> None:
    letter = Letter("offer", mail_id="offer@x", role="junk")
    arrivals.file(letter)

    arrivals.file(replace(letter, role="trash"))
    in_the_trash = arrivals.message("offer")["is_spam"]
    arrivals.file(replace(letter, role="inbox"))

    assert (in_the_trash, arrivals.message("offer")["is_spam"]) == (True, False)


def test_a_thread_is_as_new_as_its_newest_mail_in_whatever_order_they_come(arrivals: Arrivals) -> None:
    newer = Letter("newer", references=["first@x"], day=5)

    arrivals.file(newer, Letter("first", mail_id="first@x"))

    thread = arrivals.thread(arrivals.message("first")["thread_id"])
    assert thread["last_message_at"] == START + timedelta(days=5)


def test_what_another_client_of_ours_sent_needs_no_proof_and_is_never_unread(arrivals: Arrivals) -> None:
    arrivals.file(Letter("ours", sender=SUPPORT, to=[ASHA], role="sent", proven=False, is_seen=True))
    arrivals.file(Letter("theirs", proven=False, is_seen=True))

    ours, theirs = arrivals.message("ours"), arrivals.message("theirs")
    assert (ours["mail_authentication"], ours["seen_at"]) == (None, None)
    assert (theirs["mail_authentication"], theirs["seen_at"] is not None) == ("failed", True)


def test_attachments_keep_their_order(arrivals: Arrivals) -> None:
    parts = "".join(
        f'--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="{name}.csv"\r\n\r\n{name}\r\n'
        for name in ("c", "a", "b")
    )
    body = f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n{parts}--b--\r\n'

    arrivals.file(Letter("", body=body))

    rows = arrivals.product.database.rows("SELECT filename FROM attachments ORDER BY position")
    assert [row["filename"] for row in rows] == ["c.csv", "a.csv", "b.csv"]


@pytest.mark.parametrize(("lines", "is_cut"), [(9_990, False), (10_010, True)])
def test_a_text_is_cut_at_a_million_characters_and_says_so(
    arrivals: Arrivals, lines: int, is_cut: bool
) -> None:
    arrivals.file(Letter(("x" * 99 + "\r\n") * lines))

    (message,) = arrivals.messages()
    assert ("The text is cut here; the stored original has all of it" in message["problems"]) is is_cut
    assert len(message["body_text"]) == pytest.approx(min(lines * 100, 1_000_000), abs=3)


def test_the_reply_alone_is_kept_where_it_is_not_everything(arrivals: Arrivals) -> None:
    quoted = "Yes, please\r\n\r\nOn Thu, 15 Jan 2026 at 10:00, Support <support@yourdomain.com> wrote:\r\n> Shall we?"

    arrivals.file(Letter("Yes, please"), Letter(quoted))

    replies = sorted(message["reply_text"] or "" for message in arrivals.messages())
    assert replies == ["", "Yes, please"]
