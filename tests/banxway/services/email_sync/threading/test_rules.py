"""Show 4: the rules by which mails join (reference/mail.md, 5), each with a case, in both orders of arrival.

Every case is a set of mails and the threads that they must form; the texts name the mails.
"""

import pytest

from tests.support.mailboxes.arrivals import ASHA, BINA, RAVI, Arrivals, Letter, partition
from tests.support.product.builders import SUPPORT

SALES = "sales@yourdomain.com"
OUTLOOK = "Thread-Index: AdqB" + "A" * 26 + "=="
TOPIC = "Thread-Topic: Parcel 4711"
OTHER_OUTLOOK = "Thread-Index: AdqC" + "B" * 26 + "=="
LATER_IN_IT = "Thread-Index: AdqB" + "A" * 32

FIRST = Letter("first", mail_id="first@x")
ANSWER = Letter("answer", mail_id="answer@x", references=["first@x"], subject="Re: Parcel 4711", day=1)
SENT = Letter(
    "sent", sender=SUPPORT, to=[ASHA], mail_id="sent@us", subject="Re: Parcel 4711", role="sent", day=0.5
)
BY_SUBJECT = Letter("by subject", subject="Re: Parcel 4711", day=2, proven=True)

TOGETHER = {
    "rule 1: ids with spaces, quotes and glued together": [
        FIRST,
        Letter("answer", headers=['References: <"first@x"><other@x>'], day=1),
    ],
    "rule 1: an In-Reply-To alone": [FIRST, Letter("answer", headers=["In-Reply-To: <first@x>"], day=1)],
    "rule 2: a reply to a known mail": [FIRST, ANSWER],
    "rule 2: over a reply in between": [
        FIRST, ANSWER, Letter("third", mail_id="third@x", references=["answer@x"], day=2),
    ],
    "rule 2: answers to a mail that never came": [
        Letter("one", mail_id="one@x", references=["ghost@x"]),
        Letter("two", mail_id="two@x", references=["ghost@x"], day=1),
    ],
    "rule 2: a renamed subject changes nothing": [
        FIRST, Letter("answer", references=["first@x"], subject="Now something else", day=1),
    ],
    "rule 3: an answer to what another client of ours sent": [
        SENT, Letter("answer", references=["sent@us"], subject="Re: Parcel 4711", day=1),
    ],
    "rule 3: our own mail is an answer": [FIRST, Letter(
        "sent", sender=SUPPORT, to=[ASHA], references=["first@x"], role="sent", day=1)],
    "rule 3: our own id joins although a forwarder broke the proof of the sender": [
        SENT, Letter("answer", references=["sent@us"], day=1, proven=False),
    ],
    "rule 5: Outlook's conversation with its topic": [
        Letter("one", headers=[OUTLOOK, TOPIC]), Letter("two", headers=[LATER_IN_IT, TOPIC], day=1),
    ],
    "rule 6: a reply without ids follows its subject": [FIRST, BY_SUBJECT],
    "rule 6: in another language": [
        FIRST, Letter("by subject", subject="AW: [support] Parcel 4711", day=2, proven=True),
    ],
    "rule 6: within 30 days": [FIRST, Letter("by subject", subject="Re: Parcel 4711", day=30, proven=True)],
    "rule 6: an answer to what we sent": [SENT, BY_SUBJECT],
    "somebody in copy answers": [
        Letter("first", mail_id="first@x", cc=[RAVI]),
        Letter("answer", sender=RAVI, references=["first@x"], day=1),
    ],
}  # fmt: skip

APART = {
    "rule 1: prose in In-Reply-To": [FIRST, Letter("answer", headers=["In-Reply-To: your mail of Monday"], day=1)],
    "rule 4: an old mail reused by somebody else": [
        FIRST, Letter("new", sender=BINA, references=["first@x"], subject="Another matter", day=1),
    ],
    "rule 5: another topic": [
        Letter("one", headers=[OUTLOOK, TOPIC]),
        Letter("two", headers=[LATER_IN_IT, "Thread-Topic: Other"], day=1),
    ],
    "rule 5: another conversation of the same topic": [
        Letter("one", headers=[OUTLOOK, TOPIC]), Letter("two", headers=[OTHER_OUTLOOK, TOPIC], day=1),
    ],
    "rule 6: the same subject without a reply prefix": [
        FIRST, Letter("two", mail_id="two@x", day=1, proven=True),
    ],
    "rule 6: after 30 days": [FIRST, Letter("late", subject="Re: Parcel 4711", day=30.5, proven=True)],
    "rule 6: before what it would answer": [BY_SUBJECT, Letter("first", mail_id="first@x", day=3)],
    "rule 6: with ids of its own that lead elsewhere": [
        FIRST, Letter("other", subject="Re: Parcel 4711", references=["elsewhere@x"], day=1, proven=True),
    ],
    "rule 6: a sender that nobody vouches for": [FIRST, Letter("reply", subject="Re: Parcel 4711", day=1)],
    "rule 7: a forward without ids": [FIRST, Letter("forward", subject="Fwd: Parcel 4711", day=1, proven=True)],
    "rule 8: a general subject": [
        Letter("first", subject="Invoice"), Letter("reply", subject="Re: Invoice", day=1, proven=True),
    ],
    "rule 8: no subject": [Letter("first", subject=""), Letter("reply", subject="Re:", day=1, proven=True)],
    "rule 8: a list": [
        FIRST, Letter("list", subject="Re: Parcel 4711", headers=["List-Id: <l.x>"], day=1, proven=True),
    ],
    "rule 8: an automatic mail": [
        FIRST,
        Letter("auto", subject="Re: Parcel 4711", headers=["Auto-Submitted: auto-replied"], day=1, proven=True),
    ],
    "different customers with the same subject": [
        FIRST, Letter("theirs", sender=BINA, subject="Re: Parcel 4711", day=1, proven=True),
    ],
}  # fmt: skip


def _in_both_orders(arrivals: Arrivals, mails: list[Letter]) -> list[set[frozenset[str]]]:
    other = Arrivals(arrivals.product, arrivals.product.database.add_organization())
    for one, order in ((arrivals, mails), (other, mails[::-1])):
        for mail in order:
            one.file(mail)
    return [partition(one.threads()) for one in (arrivals, other)]


@pytest.mark.parametrize("mails", TOGETHER.values(), ids=TOGETHER)
def test_mails_that_evidence_connects_are_one_thread(arrivals: Arrivals, mails: list[Letter]) -> None:
    threads = _in_both_orders(arrivals, mails)

    assert threads == [partition([[mail.text for mail in mails]])] * 2


@pytest.mark.parametrize("mails", APART.values(), ids=APART)
def test_mails_that_nothing_connects_stay_apart(arrivals: Arrivals, mails: list[Letter]) -> None:
    threads = _in_both_orders(arrivals, mails)

    assert threads == [partition([mail.text] for mail in mails)] * 2


def test_a_join_says_by_what_rule_and_by_what_evidence(arrivals: Arrivals) -> None:
    arrivals.file(FIRST, ANSWER, BY_SUBJECT)

    rules = {
        row["body_text"].strip(): (row["join_rule"], row["join_evidence"]) for row in arrivals.messages()
    }
    assert rules == {
        "first": ("new", ""),
        "answer": ("references", "first@x"),
        "by subject": ("subject", "parcel 4711"),
    }


def test_a_mail_that_refers_to_a_thread_without_belonging_to_it_is_related_to_it(arrivals: Arrivals) -> None:
    arrivals.file(FIRST)
    arrivals.file(Letter("other", sender=BINA, references=["first@x"], subject="Another matter", day=1))

    other = arrivals.thread(arrivals.message("other")["thread_id"])
    assert other["related_thread_id"] == arrivals.message("first")["thread_id"]


def test_a_reply_without_ids_answers_the_latest_mail_that_it_may(arrivals: Arrivals) -> None:
    """Two parcels of one customer stay two threads, although a reply could join either."""
    arrivals.file(FIRST, Letter("again", mail_id="again@x", day=1), BY_SUBJECT)

    assert partition(arrivals.threads()) == partition([{"first"}, {"again", "by subject"}])


def test_a_reply_without_ids_moves_to_the_mail_it_answered_when_that_comes_late(arrivals: Arrivals) -> None:
    arrivals.file(FIRST)
    arrivals.file(BY_SUBJECT)
    assert arrivals.threads() == [{"first", "by subject"}]

    arrivals.file(Letter("again", mail_id="again@x", day=1))

    assert partition(arrivals.threads()) == partition([{"first"}, {"again", "by subject"}])
    kept = arrivals.message("first")["thread_id"]
    assert ("thread.updated", arrivals.message("again")["thread_id"]) in arrivals.news()
    assert arrivals.thread(kept)["merged_into_thread_id"] is None


def test_a_mailbox_address_of_ours_in_a_from_line_proves_nothing(arrivals: Arrivals) -> None:
    """Threat 34: a mail in an agent's name proves nothing until it lies in our own Sent folder."""
    arrivals.product.add_mailbox(arrivals.organization, SALES)
    arrivals.file(Letter("first", mail_id="first@x", cc=[SALES]))

    arrivals.file(Letter("as sales", sender=SALES, references=["first@x"], day=1, proven=True))
    arrivals.file(Letter("as support", sender=SUPPORT, references=["first@x"], day=2, proven=True))

    assert arrivals.threads() == [{"first"}, {"as sales"}, {"as support"}]
    assert {row["direction"] for row in arrivals.messages()} == {"inbound"}
    assert not arrivals.product.queues["mail"].items


def test_a_mail_among_our_own_mailboxes_is_ours_once_it_is_found_in_sent(arrivals: Arrivals) -> None:
    arrivals.product.add_mailbox(arrivals.organization, SALES)
    arrivals.file(FIRST)
    letter = Letter(
        "note", sender=SALES, to=[SUPPORT, ASHA], mail_id="note@us", references=["first@x"], day=1
    )
    arrivals.file(letter)
    assert arrivals.threads() == [{"first"}, {"note"}]

    arrivals.file(Letter(**(vars(letter) | {"role": "sent"})))

    assert arrivals.threads() == [{"first", "note"}]
    note = arrivals.message("note")
    assert (note["direction"], note["status"], note["recipient"]) == ("outbound", "sent", ASHA)


def test_a_mail_among_ourselves_stays_apart_from_a_customers_that_it_refers_to(arrivals: Arrivals) -> None:
    """By a reference alone, a colleague's mail would be shown to every reader of the customer's thread."""
    arrivals.product.add_mailbox(arrivals.organization, SALES)
    among_us = {"sender": SUPPORT, "to": [SALES], "role": "sent"}

    arrivals.file(FIRST, Letter("note", references=["first@x"], mail_id="note@us", day=1, **among_us))
    arrivals.file(Letter("answer to the note", references=["note@us"], day=2, **among_us))

    assert partition(arrivals.threads()) == partition([{"first"}, {"note", "answer to the note"}])
