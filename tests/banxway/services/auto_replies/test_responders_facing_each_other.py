"""Two mailboxes of ours, and robots of many dialects, answer and forward to each other: it ends at once.

Polling, parsing, filing, answering, sending and composing are the product's own. Between the mailboxes is a carrier,
which may strip from every mail the headers by which robots recognize each other (threat 36).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.models.messages.messages import NewEmailMessage
from banxway.models.messages.outgoing import OutgoingMail
from banxway.providers.mail.smtp.compose.mail import compose
from tests.support.databases.postgres import Organization, PostgresServer
from tests.support.mailboxes.filed import Post, a_letter
from tests.support.product.builders import Product

OURS, THEIRS = "support@ours.example", "help@theirs.example"
ROBOT = "desk@robot.example"
MARKS = re.compile(
    rb"(?im)^(auto-submitted|precedence|x-auto-response-suppress|x-loop|x-auto[\w-]*):.*\r\n(?:[ \t].*\r\n)*"
)
MOST_ROUNDS = 12

Robot = Callable[[Message], bytes | None]


@pytest.fixture
def product(postgres: PostgresServer, tmp_path: Path) -> Iterator[Product]:
    with postgres.emptied_database() as database, closing(Product(database, tmp_path)) as product:
        yield product


class Postman:
    """Carries mail between our mailboxes and robots until nobody sends any more."""

    def __init__(self, product: Product, *, strips: bool = False) -> None:
        self.product = product
        self.strips = strips
        self.carried: list[OutgoingMail] = []
        self.boxes: dict[str, Post] = {}
        self.robots: dict[str, Robot] = {}

    def opens(self, organization: Organization, address: str) -> Post:
        """Add a mailbox of ours."""
        account = self.product.add_mailbox(organization, address)
        self.boxes[address] = Post(self.product, organization, account)
        return self.boxes[address]

    def delivers(self, raw: bytes, *, to: str, sender: str) -> None:
        """Deliver a mail to its address, with a Return-Path as a mail server does."""
        if self.strips:
            head, _, body = raw.partition(b"\r\n\r\n")
            raw = MARKS.sub(b"", head + b"\r\n") + b"\r\n" + body
        raw = f"Return-Path: <{sender}>\r\nDelivered-To: {to}\r\n".encode() + raw
        if to in self.boxes:
            self.product.providers.mailbox(to).deliver(raw, at=datetime.now(UTC))
        elif to in self.robots:
            answer = self.robots[to](message_from_bytes(raw))
            if answer:
                self.delivers(answer, to=sender, sender=to)

    def goes_round(self) -> int:
        """Poll, send and deliver until nothing is left; return in how many rounds there was mail to carry."""
        for rounds in range(MOST_ROUNDS):
            for box in self.boxes.values():
                self.product.poll(box.account)
            mails = self._sent()
            if not mails:
                return rounds
            for mail in mails:
                self.delivers(compose(mail, clock=SYSTEM_CLOCK), to=mail.to[0], sender=mail.sender)
        return MOST_ROUNDS

    def _sent(self) -> list[OutgoingMail]:
        for row in self.product.database.rows(
            "SELECT organization_id, id FROM messages WHERE status = 'queued'"
        ):
            self.product.app.messages.deliver.deliver(
                organization_id=row["organization_id"], message_id=row["id"]
            )
        sent = self.product.providers.mail_sender.sent[len(self.carried) :]
        self.carried += sent
        return sent


def _automatic(product: Product) -> list[dict[str, Any]]:
    return product.database.rows("SELECT * FROM messages WHERE automatic IS NOT NULL ORDER BY created_at")


# Two of our own.


def test_two_mailboxes_of_one_organization_do_not_answer_each_other(product: Product) -> None:
    postman = Postman(product)
    organization = product.database.add_organization()
    for address in (OURS, THEIRS):
        postman.opens(organization, address).is_away()

    postman.delivers(a_letter(sender=OURS, to=THEIRS), to=THEIRS, sender=OURS)

    assert (postman.goes_round(), _automatic(product)) == (0, [])


@pytest.mark.parametrize("strips", [False, True], ids=["marked", "stripped"])
def test_two_instances_that_are_away_stop_after_one_answer_each(product: Product, strips: bool) -> None:
    """Threat 36: even without any mark each answers the other only once in its period."""
    postman = Postman(product, strips=strips)
    for name, address in (("Ours", OURS), ("Theirs", THEIRS)):
        postman.opens(product.database.add_organization(name), address).is_away()

    for _ in range(3):
        postman.delivers(a_letter(sender=OURS, to=THEIRS), to=THEIRS, sender=OURS)
        postman.goes_round()

    answers = [(mail.sender, mail.to[0]) for mail in postman.carried]
    assert len(answers) == len(set(answers)) <= (2 if strips else 1)
    assert (THEIRS, OURS) in answers


def test_an_answer_carries_every_mark_by_which_robots_know_each_other(product: Product) -> None:
    postman = Postman(product)
    postman.opens(product.database.add_organization(), OURS).is_away()
    postman.delivers(a_letter(sender=ROBOT, to=OURS), to=OURS, sender=ROBOT)

    postman.goes_round()

    written = message_from_bytes(compose(postman.carried[0], clock=SYSTEM_CLOCK))
    assert written["Auto-Submitted"].startswith("auto-replied")
    assert written["X-Auto-Response-Suppress"] == "All"
    assert written["Precedence"]
    assert written["X-Loop"]
    assert written["In-Reply-To"] in written["References"]


@pytest.mark.parametrize("strips", [False, True], ids=["marked", "stripped"])
def test_two_instances_that_forward_to_each_other_stop_after_three(product: Product, strips: bool) -> None:
    postman = Postman(product, strips=strips)
    for name, address, other in (("Ours", OURS, THEIRS), ("Theirs", THEIRS, OURS)):
        box = postman.opens(product.database.add_organization(name), address)
        box.has_rule({"type": "forward", "address": other})

    postman.delivers(a_letter(to=OURS), to=OURS, sender="asha@customer.example")
    postman.goes_round()

    assert 1 <= len(postman.carried) <= 3


def test_three_instances_that_forward_in_a_circle_stop(product: Product) -> None:
    circle = [f"box@{name}.example" for name in ("one", "two", "three")]
    postman = Postman(product, strips=True)
    for address, following in zip(circle, [*circle[1:], circle[0]], strict=True):
        box = postman.opens(product.database.add_organization(address), address)
        box.has_rule({"type": "forward", "address": following})

    postman.delivers(a_letter(to=circle[0]), to=circle[0], sender="asha@customer.example")
    rounds = postman.goes_round()

    assert rounds < MOST_ROUNDS
    assert len(postman.carried) <= 9


# Robots that face us.


def _reply(
    asked: Message,
    text: str,
    *headers: str,
    subject: str = "Re: {}",
    sender: str = ROBOT,
    refers: bool = True,
) -> bytes:
    lines = [
        f"From: {sender}",
        f"To: {asked['From']}",
        f"Subject: {subject.format(asked['Subject'])}",
        f"Date: {format_datetime(datetime.now(UTC))}",
        f"Message-ID: <{uuid4()}@robot.example>",
        *([f"In-Reply-To: {asked['Message-ID']}", f"References: {asked['Message-ID']}"] if refers else []),
        *headers,
    ]
    return "\r\n".join([*lines, "", text, ""]).encode()


_numbers = count(1)
DIALECTS: dict[str, Robot] = {
    "exchange out of office": lambda asked: _reply(
        asked, "I am out of the office.", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All",
        "X-MS-Exchange-Inbox-Rules-Loop: desk@robot.example", subject="Automatic reply: {}",
    ),
    "gmail vacation": lambda asked: _reply(
        asked, "I am travelling.", "Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: bulk"
    ),
    "sieve vacation": lambda asked: _reply(
        asked, "I am away.", "Auto-Submitted: auto-replied (vacation)", subject="Auto: {}"
    ),
    "qmail autoresponder without headers": lambda asked: _reply(
        asked, "Thank you for your mail.", subject="Thank you", refers=False
    ),
    "lotus notes without headers": lambda asked: _reply(asked, "I will be out of the office.", refers=False),
    "a ticket system that marks": lambda asked: _reply(
        asked, "Your request was received.", "X-Loop: yes", "Precedence: bulk", "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All", subject="[Ticket#20261122] {}",
    ),
    "a help desk that says autoreply": lambda asked: _reply(
        asked, "We got your message.", "X-Autoreply: yes", "X-Auto-Response-Suppress: All",
        "Auto-Submitted: auto-replied",
    ),
    "a ticket system without marks": lambda asked: _reply(
        asked, "Ticket created.", subject=f"[#{next(_numbers)}] {{}}"
    ),
    "a ticket system with an address for each ticket": lambda asked: _reply(
        asked, "Ticket created.", sender=f"ticket+{next(_numbers)}@robot.example"
    ),
    "a challenge": lambda asked: _reply(
        asked, "Please confirm that you are a person.", "Precedence: junk", subject="Confirm: {}", refers=False
    ),
    "a robot that says that it is none": lambda asked: _reply(asked, "Hello.", "Auto-Submitted: no", refers=False),
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_a_robot_gets_one_automatic_mail_in_a_period(product: Product, dialect: Robot) -> None:
    """It writes first, twice, as a person would; then it answers whatever it gets."""
    postman = Postman(product)
    postman.opens(product.database.add_organization(), OURS).is_away()
    postman.robots[ROBOT] = dialect

    for _ in range(2):
        postman.delivers(a_letter(sender=ROBOT, to=OURS), to=OURS, sender=ROBOT)
        rounds = postman.goes_round()
        assert rounds < MOST_ROUNDS

    assert [(mail.to[0], mail.automatic) for mail in postman.carried] == [(ROBOT, "vacation")]
    assert product.unfiled() == 0
    assert len(product.messages()) == len(_automatic(product)) + 2 + 1


def test_what_people_write_to_each_other_meanwhile_is_never_held(product: Product) -> None:
    """A customer writes ten times in a minute and an agent answers each: all mail is filed and all answers sent."""
    postman = Postman(product)
    organization = product.database.add_organization()
    postman.opens(organization, OURS).is_away()
    agent = product.actor(organization)

    for number in range(10):
        postman.delivers(
            a_letter(f"Question {number}", sender="asha@customer.example", to=OURS),
            to=OURS,
            sender="asha@customer.example",
        )
        postman.goes_round()
        thread = _thread_of(product, f"Question {number}")
        answer = NewEmailMessage(channel="EMAIL", subject="Re: Parcel", content_text=f"Answer {number}")
        product.app.messages.send.send(actor=agent, thread_id=thread, content=answer, once=None)
    postman.goes_round()

    texts = [message["body_text"].strip() for message in product.messages()]
    assert [text for text in texts if text.startswith("Question")] == [f"Question {n}" for n in range(10)]
    by_person = [mail.text for mail in postman.carried if mail.automatic is None]
    assert len(by_person) == 10
    assert len(postman.carried) == 11


def _thread_of(product: Product, text: str) -> UUID:
    threads: Sequence[dict[str, Any]] = product.database.rows(
        "SELECT thread_id FROM messages WHERE body_text LIKE %s", (f"{text}%",)
    )
    thread: UUID = threads[0]["thread_id"]
    return thread
