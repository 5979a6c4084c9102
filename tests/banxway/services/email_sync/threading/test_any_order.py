"""Show 4: any arrival order of the same mails gives the same threads, in batches of any size."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from banxway.providers.mail.parse.parser import parse
from banxway.services.email_sync.filing.reader import ReadMail
from banxway.services.email_sync.filing.row import NewMail, node_of_new
from banxway.services.email_sync.threading.gathering import Groups, gather, latest_answered
from banxway.services.email_sync.threading.nodes import MailNode
from tests.support.gates.chance import in_soak
from tests.support.mailboxes.arrivals import ASHA, BINA, MALLORY, RAVI, START, Arrivals, Letter, partition
from tests.support.product.builders import SUPPORT, Product

SALES = "sales@yourdomain.com"
OWN = frozenset({SUPPORT, SALES})
PEOPLE = (ASHA, RAVI, BINA, MALLORY, SUPPORT, SALES)
IDS = tuple(f"{number}@ids.example" for number in range(7))
GHOSTS = ("ghost@ids.example", "other-ghost@ids.example")
HEADERS: tuple[tuple[str, ...], ...] = (
    *[()] * 6,
    ("Thread-Index: AdqB" + "A" * 26 + "==", "Thread-Topic: Parcel 4711"),
    ("Thread-Index: AdqB" + "A" * 30, "Thread-Topic: Parcel 4711"),
    ("List-Id: <list.example>",),
)
NOT_READ: Any = None
"""A part of a new mail that its place among threads does not depend on."""
SUBJECTS = ("Parcel 4711", "Re: Parcel 4711", "Re: Parcel 4711", "Fwd: Parcel 4711", "Re: hi")


@st.composite
def conversations(draw: st.DrawFn) -> list[Letter]:
    """A few mails that refer to each other in every way, true and false, or that answer by subject alone."""
    by_header = draw(st.booleans())
    people = draw(st.sampled_from((PEOPLE, (ASHA, ASHA, RAVI, SUPPORT), (ASHA, SUPPORT))))
    letters = []
    for number in range(draw(st.integers(2, 7))):
        sender = draw(st.sampled_from(people))
        role = draw(st.sampled_from(("sent", "sent", "inbox"))) if sender in OWN else "inbox"
        letters.append(
            Letter(
                text=f"mail {number}",
                sender=sender,
                to=draw(st.lists(st.sampled_from(people), min_size=1, max_size=2, unique=True)),
                cc=draw(st.lists(st.sampled_from(people), max_size=1)),
                subject=draw(st.sampled_from(SUBJECTS)),
                mail_id=draw(st.sampled_from((IDS[number], IDS[number], IDS[number], IDS[0], None))),
                references=draw(st.lists(st.sampled_from((*IDS, *GHOSTS)), max_size=3, unique=True))
                if by_header or draw(st.integers(0, 3)) == 0
                else (),
                day=draw(st.sampled_from((0, 1, 2, 3, 5, 29, 31, 32, 60))) + number / 1000,
                proven=draw(st.sampled_from((True, True, True, None, False))),
                role=role,
                headers=draw(st.sampled_from(HEADERS)),
            )
        )
    return letters


def _expected(letters: Sequence[Letter]) -> set[frozenset[str]]:
    """Return the threads of all these mails, grouped at once."""
    nodes = {_node(letter): letter for letter in letters}
    pairs = [(child, latest_answered(child, nodes)) for child in nodes if child.joins_by_subject]
    groups = Groups()
    gather(
        list(nodes), known=(), answered=[(child, parent) for child, parent in pairs if parent], groups=groups
    )
    threads: dict[object, set[str]] = {}
    for node, letter in nodes.items():
        threads.setdefault(groups.find(node.id), set()).add(letter.text)
    return partition(threads.values())


def _node(letter: Letter) -> MailNode:
    new = NewMail(
        id=uuid4(),
        read=ReadMail(NOT_READ, parse(letter.raw), identity=letter.text),
        account=NOT_READ,
        is_ours=letter.role == "sent",
        at=START + timedelta(days=letter.day),
        correspondent=NOT_READ,
        own=OWN,
    )
    assert new.sender == letter.sender
    return node_of_new(new)


def _may_name_a_replaced_id(letter: Letter, letters: Sequence[Letter]) -> bool:
    child = _node(letter)
    return child.names_others and latest_answered(child, map(_node, letters)) is not None


@settings(
    max_examples=in_soak(600, else_=60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_arrival_order_of_the_same_mails_gives_the_same_threads(
    product: Product, data: st.DataObject
) -> None:
    letters = data.draw(conversations())
    # A reply that names an unknown id follows our mail by what is known when the reply arrives (REPLACED_ID).
    assume(not any(_may_name_a_replaced_id(letter, letters) for letter in letters))
    order = data.draw(st.permutations(letters))
    arrivals = Arrivals(product, product.database.add_organization())
    product.add_mailbox(arrivals.organization, SALES)

    arrivals.file(*order, at_once=data.draw(st.sampled_from((1, 1, 2, 3, 100))))

    assert partition(arrivals.threads()) == _expected(letters)
