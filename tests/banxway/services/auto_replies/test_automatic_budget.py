"""The last limit: whatever a mail's marks are, automatic mail stays within its budgets (threats 35 and 36)."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from banxway.services.auto_replies.budget import budgeted_domain
from tests.support.databases.postgres import Organization
from tests.support.mailboxes.filed import ASHA, Post, a_letter
from tests.support.mailboxes.forged import flood, victims
from tests.support.product.builders import Product
from tests.support.timing.queueing import ADVISORY, one_after_the_other
from tests.support.timing.racing import patient

SALES = "sales@yourdomain.com"


@pytest.fixture
def post(product: Product, organization: Organization) -> Post:
    return Post(product, organization, product.add_mailbox(organization))


def test_of_forged_senders_few_are_answered_and_no_victim_twice(post: Post) -> None:
    """Threat 35: our answers would flood others. 290 different people are named, most of them twice."""
    post.is_away()

    flood(post, victims(600))

    answered = Counter(answer["recipient"] for answer in post.automatic())
    assert answered.total() == 200
    assert max(answered.values()) == 1


def test_one_victim_is_answered_once_however_the_other_address_varies(post: Post) -> None:
    post.is_away()

    flood(post, [(ASHA, f"{number}@relay.example") for number in range(50)])
    flood(post, [(f"{number}@random.example", "victim@target.example") for number in range(50)])

    assert [answer["recipient"] for answer in post.automatic()] == [
        "0@relay.example",
        "victim@target.example",
    ]


def test_a_domain_and_its_subdomains_share_20_answers_an_hour(post: Post) -> None:
    post.is_away()

    flood(post, [(f"user{number}@host{number}.victim.co.in", None) for number in range(60)])

    assert len(post.automatic()) == 20


def test_people_of_a_freemail_domain_are_counted_one_by_one(post: Post) -> None:
    post.is_away()

    flood(post, [(f"user{number}@gmail.com", None) for number in range(60)])

    assert len(post.automatic()) == 60


def test_one_person_hears_from_all_mailboxes_together_four_times_a_day(post: Post) -> None:
    boxes = [f"box{number}@yourdomain.com" for number in range(7)]
    for box in boxes:
        post.is_away(post.product.add_mailbox(post.organization, box))

    for box in boxes:
        post.arrives(a_letter(to=box))

    assert len(post.automatic()) == 4


@pytest.mark.parametrize(("before", "answers"), [(9, 1), (10, 0)], ids=["the tenth", "the eleventh"])
def test_a_storm_of_eleven_from_one_address_is_answered_no_more(
    post: Post, before: int, answers: int
) -> None:
    post.arrives(*[a_letter() for _ in range(before)])
    post.is_away()

    post.arrives(a_letter())

    assert len(post.automatic()) == answers


def test_mails_of_ten_minutes_ago_are_no_storm(post: Post) -> None:
    post.arrives(*[a_letter() for _ in range(15)], ago=timedelta(minutes=11))
    post.is_away()

    post.arrives(a_letter())

    assert len(post.automatic()) == 1


def test_a_storm_of_others_is_nobodys_own(post: Post) -> None:
    post.arrives(*[a_letter(sender=f"user{number}@customer.example") for number in range(15)])
    post.is_away()

    post.arrives(a_letter())

    assert len(post.automatic()) == 1


def test_two_mailboxes_filed_at_once_cannot_both_take_the_last(
    post: Post, twin: Callable[..., Product]
) -> None:
    """The budget is locked until the commit: of two that count at once, one waits."""
    post.is_away(repeat_after_days=1)
    posts = [Post(twin(), post.organization, post.account) for _ in range(4)]
    for beside in posts:
        patient(beside.product.app)

    one_after_the_other(
        post.product.database,
        [partial(beside.arrives, a_letter()) for beside in posts],
        behind=ADVISORY,
        named=(f"{post.organization.id} automatic_mails",),
    )

    assert len(post.automatic()) == 1


def test_forwards_to_one_address_stop_at_60_an_hour(post: Post) -> None:
    post.has_rule({"type": "forward", "address": "orders@partner.example"})

    for _ in range(5):
        post.arrives(*[a_letter(sender=f"{uuid4().hex[:8]}@customer.example") for _ in range(14)])

    assert len(post.automatic("forward")) == 60
    refusals = [
        trace["performed"][0]["reason"] for trace in post.traces() if not trace["performed"][0]["is_done"]
    ]
    assert set(refusals) == {"This address has had 60 forwarded mails within an hour"}


def test_half_of_what_a_mailbox_may_send_is_left_to_people(post: Post) -> None:
    """Replies by people are never delayed by a storm of automatic answers."""
    post.is_away()
    post.product.database.rows("UPDATE email_accounts SET hourly_limit = 10")

    flood(post, [(f"user{number}@gmail.com", None) for number in range(30)])

    assert len(post.automatic()) == 5


def test_what_was_counted_an_hour_ago_counts_no_more(post: Post) -> None:
    post.is_away()
    flood(post, [(f"user{number}@victim.example", None) for number in range(20)])
    post.product.database.rows(
        "UPDATE automatic_mails SET created_at = %s", (datetime.now(UTC) - timedelta(minutes=61),)
    )

    flood(post, [(f"late{number}@victim.example", None) for number in range(5)])

    assert len(post.automatic()) == 25


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@example.com", "example.com"),
        ("a@mail.eu.Example.COM", "example.com"),
        ("a@shop.example.co.in", "example.co.in"),
        ("a@example.de", "example.de"),
        ("a@x.example.de", "example.de"),
        ("a@localhost", "localhost"),
    ],
)
def test_the_domain_that_counts_is_the_one_that_somebody_registered(address: str, domain: str) -> None:
    assert budgeted_domain(address) == domain
