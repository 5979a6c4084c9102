"""Threads that prove to be one, and threads that a person split apart."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from banxway.errors import Conflict, NotFound, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.messages.messages import NewEmailMessage
from banxway.models.threads.threads import ThreadChange, ThreadQuery, ThreadSplit
from tests.support.mailboxes.arrivals import ASHA, RAVI, Arrivals, Letter, partition
from tests.support.product.builders import Product
from tests.support.timing.queueing import PLACING, one_after_the_other
from tests.support.timing.racing import patient

Twin = Callable[..., Product]

FIRST = Letter("first", mail_id="first@x", cc=[RAVI])
ONE = Letter("one", mail_id="one@x", references=["first@x"], day=1)
OTHER = Letter("other", sender=RAVI, mail_id="other@x", references=["first@x"], day=2)


def _thread_of(arrivals: Arrivals, text: str) -> UUID:
    found: UUID = arrivals.message(text)["thread_id"]
    return found


def test_a_late_parent_makes_one_thread_of_two(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(ONE)
    arrivals.file(OTHER)
    kept, lost = _thread_of(arrivals, "one"), _thread_of(arrivals, "other")
    arrivals.product.app.threads.update.update(
        actor=agent, thread_id=lost, change=ThreadChange(tags=["parcel"], assigned_to_user_id=agent.user_id)
    )

    arrivals.file(FIRST)

    assert arrivals.threads() == [{"first", "one", "other"}]
    assert arrivals.thread(lost)["merged_into_thread_id"] == kept
    survivor = arrivals.thread(kept)
    assert (survivor["tags"], survivor["assigned_to_user_id"]) == (["parcel"], agent.user_id)
    assert {("thread.merged", kept), ("thread.merged", lost)} <= set(arrivals.news())


def test_a_merged_thread_is_followed_and_no_longer_listed(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(ONE)
    arrivals.file(OTHER)
    kept, lost = _thread_of(arrivals, "one"), _thread_of(arrivals, "other")
    arrivals.file(FIRST)
    app = arrivals.product.app

    shown = app.threads.read.get(actor=agent, thread_id=lost)

    assert (shown.id, len(shown.messages)) == (kept, 3)
    assert [row.id for row in app.threads.read.list_page(actor=agent, query=ThreadQuery()).rows] == [kept]


def test_what_an_agent_sends_on_a_merged_thread_goes_into_the_one_it_was_merged_into(
    arrivals: Arrivals, agent: Actor
) -> None:
    arrivals.file(ONE)
    arrivals.file(OTHER)
    kept, lost = _thread_of(arrivals, "one"), _thread_of(arrivals, "other")
    arrivals.file(FIRST)

    arrivals.product.app.messages.send.send(
        actor=agent,
        thread_id=lost,
        content=NewEmailMessage(channel="EMAIL", to=ASHA, subject="Re", content_text="Hello"),
        once=None,
    )

    assert arrivals.message("Hello")["thread_id"] == kept


def test_three_threads_that_merge_one_after_the_other_all_lead_to_the_last(arrivals: Arrivals) -> None:
    arrivals.file(Letter("early", mail_id="early@x", day=-5))
    arrivals.file(Letter("late", mail_id="late@x", day=5, references=["late-parent@x"]))
    arrivals.file(Letter("middle", mail_id="middle@x", day=1, references=["middle-parent@x"]))
    threads = {text: _thread_of(arrivals, text) for text in ("early", "middle", "late")}

    arrivals.file(Letter("bridge", mail_id="late-parent@x", day=4, references=["middle@x"]))
    arrivals.file(Letter("bridge two", mail_id="middle-parent@x", day=0, references=["early@x"]))

    assert len(arrivals.threads()) == 1
    for text in ("middle", "late"):
        assert arrivals.thread(threads[text])["merged_into_thread_id"] == threads["early"]


def test_two_mailboxes_that_get_parts_of_one_conversation_at_once_make_one_thread(
    arrivals: Arrivals, twin: Twin
) -> None:
    """Mail of one organization is filed by one process at a time: the lock is the organization's, for one batch."""
    organization = arrivals.organization
    desks = [Arrivals(twin(), organization, f"box{number}@yourdomain.com") for number in range(4)]
    for desk in desks:
        patient(desk.product.app)

    def work(desk: Arrivals, number: int) -> None:
        mine = [
            Letter(f"{number}.{step}", mail_id=f"{number}.{step}@x", day=step + number / 10,
                   references=[f"{(number + 1) % 4}.{step}@x", f"{number}.{step - 1}@x"])
            for step in range(8)
        ]  # fmt: skip
        desk.file(*mine, at_once=2)

    one_after_the_other(
        arrivals.product.database,
        [partial(work, desk, number) for number, desk in enumerate(desks)],
        behind=PLACING,
        named=(str(organization.id),),
    )

    assert [len(thread) for thread in arrivals.threads()] == [32]


# Split apart by a person.


def test_a_split_takes_a_message_and_its_answers_out_and_they_stay_out(
    arrivals: Arrivals, agent: Actor
) -> None:
    arrivals.file(
        FIRST, ONE, OTHER, Letter("answer", references=["first@x", "other@x"], mail_id="answer@x", day=3)
    )
    old = _thread_of(arrivals, "first")
    app = arrivals.product.app

    new = app.threads.update.split(
        actor=agent, thread_id=old, content=ThreadSplit(message_id=arrivals.message("other")["id"])
    )
    arrivals.file(Letter("more", references=["first@x", "other@x", "answer@x"], mail_id="more@x", day=4))
    arrivals.file(Letter("to the first", references=["first@x"], day=5))

    assert partition(arrivals.threads()) == partition(
        [{"first", "one", "to the first"}, {"other", "answer", "more"}]
    )
    assert new.id == _thread_of(arrivals, "other")
    assert (new.related_thread_id, new.customer.addresses[0].address) == (old, RAVI)
    other = arrivals.message("other")
    assert (other["join_rule"], other["join_evidence"]) == ("split", str(old))
    assert {("thread.updated", old), ("thread.updated", new.id)} <= set(arrivals.news())


def test_what_was_taken_apart_stays_apart_when_one_of_both_is_merged(
    arrivals: Arrivals, agent: Actor
) -> None:
    arrivals.file(FIRST, ONE)
    arrivals.file(Letter("older", mail_id="older@x", day=-2))
    arrivals.product.app.threads.update.split(
        actor=agent,
        thread_id=_thread_of(arrivals, "first"),
        content=ThreadSplit(message_id=arrivals.message("one")["id"]),
    )

    arrivals.file(Letter("bridge", references=["older@x", "first@x"], mail_id="bridge@x", day=2))
    arrivals.file(Letter("again", references=["first@x", "one@x"], day=3))

    assert partition(arrivals.threads()) == partition([{"older", "first", "bridge"}, {"one", "again"}])


def test_what_was_split_off_stays_where_it_is_when_its_thread_is_gathered_again(
    arrivals: Arrivals, agent: Actor
) -> None:
    """An older mail joins it, and a reply proves to answer another: all of the thread is grouped again."""
    topic = "The other parcel"
    moved = Letter("moved", mail_id="moved@x", references=["older@x", "first@x"], subject=topic, day=2)
    arrivals.file(FIRST, moved)
    old = _thread_of(arrivals, "first")
    arrivals.product.app.threads.update.split(
        actor=agent, thread_id=old, content=ThreadSplit(message_id=arrivals.message("moved")["id"])
    )
    arrivals.file(Letter("older", mail_id="older@x", subject="Before", day=1))
    arrivals.file(Letter("by subject", subject=f"Re: {topic}", day=4, proven=True))
    assert partition(arrivals.threads()) == partition([{"first"}, {"moved", "older", "by subject"}])

    # It refers to the first thread, so that both are compared.
    arrivals.file(Letter("newer", references=["first@x"], subject=topic, day=3))

    assert partition(arrivals.threads()) == partition([{"first", "newer", "by subject"}, {"moved", "older"}])


def test_the_whole_of_a_thread_is_not_split_off(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(FIRST, ONE)

    with pytest.raises(Conflict, match="Nothing would be left"):
        arrivals.product.app.threads.update.split(
            actor=agent,
            thread_id=_thread_of(arrivals, "first"),
            content=ThreadSplit(message_id=arrivals.message("first")["id"]),
        )


def test_a_message_of_another_thread_or_organization_is_not_split(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(FIRST, Letter("elsewhere", mail_id="elsewhere@x"))
    stranger = Arrivals(arrivals.product, arrivals.product.database.add_organization())
    stranger.file(Letter("theirs"))
    split = arrivals.product.app.threads.update.split

    for text, desk in (("elsewhere", arrivals), ("theirs", stranger)):
        with pytest.raises(ValidationFailed) as refusal:
            split(
                actor=agent,
                thread_id=_thread_of(arrivals, "first"),
                content=ThreadSplit(message_id=desk.message(text)["id"]),
            )
        assert refusal.value.details["field"] == "message_id"
    with pytest.raises(NotFound):
        split(
            actor=agent,
            thread_id=_thread_of(stranger, "theirs"),
            content=ThreadSplit(message_id=arrivals.message("first")["id"]),
        )
