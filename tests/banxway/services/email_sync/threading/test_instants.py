"""Mails of one second: an answer after what it answers, else by their own dates; the first names the thread."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banxway.models.actors import Actor
from banxway.models.threads.threads import ThreadSplit
from banxway.services.email_sync.threading.instants import instants_within
from banxway.services.email_sync.threading.nodes import MailNode
from tests.support.gates.chance import dice
from tests.support.mailboxes.arrivals import RAVI, START, Arrivals, Letter


def _burst(count: int = 6, *, references: int = 100, dated: int = 1) -> list[Letter]:
    """A conversation within a second: each mail answers the one before; `dated` days lie between their dates."""
    ids = [f"b{number}@burst.example" for number in range(count)]
    return [
        Letter(
            f"part {number}",
            mail_id=ids[number],
            subject="Re: Burst" if number else "Burst",
            references=ids[:number][-references:],
            headers=[f"Date: {20 + number * dated:02} Nov 2025 07:30:{number:02} +0000"],
        )
        for number in range(count)
    ]


def _texts(arrivals: Arrivals, agent: Actor) -> list[str]:
    thread = arrivals.messages()[0]["thread_id"]
    shown = arrivals.product.app.threads.read.get(actor=agent, thread_id=thread)
    return [message.body_text.strip() for message in shown.messages]


PARTS = [f"part {number}" for number in range(6)]


@pytest.mark.parametrize("at_once", [1, 2, 6])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("dated", [1, -1], ids=["dated", "dated-backwards"])
def test_a_conversation_within_a_second_is_shown_in_its_order_and_named_by_its_first_mail(
    arrivals: Arrivals, agent: Actor, at_once: int, seed: int, dated: int
) -> None:
    letters = _burst(dated=dated)
    dice(seed).shuffle(letters)

    arrivals.file(*letters, at_once=at_once)

    assert _texts(arrivals, agent) == PARTS
    (thread,) = {message["thread_id"] for message in arrivals.messages()}
    assert arrivals.thread(thread)["subject"] == "Burst"


def test_who_names_only_the_last_mail_is_shown_behind_it(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(*reversed(_burst(references=1)))

    assert _texts(arrivals, agent) == PARTS


def test_mails_that_name_nothing_are_shown_by_their_dates(arrivals: Arrivals, agent: Actor) -> None:
    first = Letter("first", mail_id="f@x", headers=["Date: 10 Jan 2026 08:00:00 +0000"])
    answers = [
        Letter(
            f"answer {n}",
            mail_id=f"{n}@x",
            references=["f@x"],
            headers=[f"Date: 12 Jan 2026 08:00:{n} +0000"],
        )
        for n in (30, 10, 20)
    ]

    arrivals.file(first, *answers)

    assert _texts(arrivals, agent) == ["first", "answer 10", "answer 20", "answer 30"]


def test_mails_without_dates_are_shown_as_the_server_numbered_them(arrivals: Arrivals, agent: Actor) -> None:
    answers = [Letter(f"answer {n}", mail_id=f"{n}@x", references=["f@x"]) for n in range(9)]

    arrivals.file(Letter("first", mail_id="f@x"), *answers)

    assert _texts(arrivals, agent) == ["first", *(f"answer {n}" for n in range(9))]


def test_a_date_moves_no_mail_out_of_its_second(arrivals: Arrivals, agent: Actor) -> None:
    early = Letter("early", mail_id="e@x", headers=["Date: 10 Jan 2099 08:00:00 +0000"])
    late = Letter(
        "late", mail_id="l@x", references=["e@x"], day=1, headers=["Date: 10 Jan 1999 08:00:00 +0000"]
    )

    arrivals.file(late, early)

    assert _texts(arrivals, agent) == ["early", "late"]


def test_mails_that_name_each_other_in_a_circle_are_all_shown(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(
        Letter("one", mail_id="1@x", references=["2@x"]), Letter("two", mail_id="2@x", references=["1@x"])
    )

    assert sorted(_texts(arrivals, agent)) == ["one", "two"]


def test_the_threads_of_a_split_are_named_by_their_first_mails(arrivals: Arrivals, agent: Actor) -> None:
    arrivals.file(
        Letter("one", mail_id="1@x", cc=[RAVI], subject="Parcel"),
        Letter("two", mail_id="2@x", references=["1@x"], sender=RAVI, subject="Re: Parcel", day=1),
    )
    app, first = arrivals.product.app, arrivals.message("one")

    with pytest.raises(Exception, match="Nothing would be left"):
        app.threads.update.split(
            actor=agent, thread_id=first["thread_id"], content=ThreadSplit(message_id=first["id"])
        )
    second = arrivals.message("two")
    apart = app.threads.update.split(
        actor=agent, thread_id=first["thread_id"], content=ThreadSplit(message_id=second["id"])
    )

    assert (apart.subject, arrivals.thread(first["thread_id"])["subject"]) == ("Re: Parcel", "Parcel")


# The rule itself.


def _node(number: int, references: Sequence[int], date: datetime) -> MailNode:
    return MailNode(
        id=UUID(int=number + 1),
        key=str(number),
        at=START,
        sent_at=date,
        placed_at=date,
        is_ours=False,
        sender="a@x",
        people=frozenset(),
        outsiders=frozenset(),
        mail_ids=(f"{number}@x",),
        references=tuple(f"{one}@x" for one in references),
    )


@st.composite
def _families(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int], list[int]]:
    ancestors: list[list[int]] = []
    for number in range(draw(st.integers(1, 9))):
        parent = draw(st.integers(-1, number - 1))
        ancestors.append([*ancestors[parent], parent] if parent >= 0 else [])
    count = len(ancestors)
    dates = draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count))
    order = draw(st.permutations(range(count)))
    ends = draw(st.lists(st.integers(1, count), max_size=4))
    return ancestors, dates, list(order), sorted({*ends, count})


@given(_families())
def test_an_answer_stands_behind_all_that_it_names_whatever_comes_first(
    family: tuple[list[list[int]], list[int], list[int], list[int]],
) -> None:
    ancestors, dates, order, ends = family
    nodes = [_node(n, ancestors[n], START + timedelta(seconds=dates[n])) for n in range(len(ancestors))]
    known: dict[UUID, MailNode] = {}
    start = 0
    for end in ends:
        batch = [nodes[n] for n in order[start:end]]
        places = instants_within(batch, known.values())
        for node in batch:
            known[node.id] = _moved(node, places[node.id])
        start = end

    for number, above in enumerate(ancestors):
        for ancestor in above:
            assert known[UUID(int=ancestor + 1)].placed_at < known[UUID(int=number + 1)].placed_at


def _moved(node: MailNode, placed_at: datetime) -> MailNode:
    return replace(node, placed_at=placed_at)
