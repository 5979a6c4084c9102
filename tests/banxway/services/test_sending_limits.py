"""The hourly and daily limits of a mailbox: counted from the ledger, and refused before anything is written."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from banxway.errors import BanxwayError, RateLimited, ValidationFailed
from banxway.models.actors import Actor
from banxway.services import sending_limits
from banxway.storage import email_accounts
from tests.support.builders import Product
from tests.support.outgoing import CUSTOMER_MAIL, add_mail, deliver, outbound, send
from tests.support.postgres import Organization

Twin = Callable[..., Product]


@pytest.fixture
def thread(product: Product, organization: Organization, account: UUID) -> UUID:
    return product.add_thread(organization, email=CUSTOMER_MAIL)


def _limit(product: Product, *, hourly: int | None = None, daily: int | None = None) -> None:
    product.database.rows("UPDATE email_accounts SET hourly_limit = %s, daily_limit = %s", (hourly, daily))


def _sent(
    product: Product, organization: Organization, thread: UUID, account: UUID, ago_s: float, **columns: Any
) -> UUID:
    message = add_mail(product, organization, thread, account, **({"status": "sent"} | columns))
    product.database.rows(
        "UPDATE messages SET attempted_at = now() - make_interval(secs => %s) WHERE id = %s", (ago_s, message)
    )
    return message


def test_the_mail_beyond_the_limit_is_refused_and_leaves_nothing(
    product: Product, agent: Actor, thread: UUID
) -> None:
    _limit(product, hourly=3)
    for _ in range(3):
        send(product, agent, thread)
    product.message_queue.clear()

    with pytest.raises(RateLimited, match="hourly limit of 3 mails") as refusal:
        send(product, agent, thread)

    assert refusal.value.details["limit"] == "hourly_limit"
    assert 3590 <= refusal.value.details["retry_after_s"] <= 3601
    assert (len(outbound(product)), product.message_queue.items) == (3, [])


@pytest.mark.parametrize(
    ("ago_s", "limits", "named", "wait_s"),
    [
        (3000, {"hourly": 1}, "hourly_limit", 600),
        (3700, {"hourly": 1}, None, 0),
        (80000, {"daily": 1}, "daily_limit", 6400),
        (86500, {"daily": 1}, None, 0),
        (3000, {"hourly": 1, "daily": 1}, "daily_limit", 83400),
        (3000, {}, None, 0),
    ],
    ids=["this hour", "an hour ago", "today", "yesterday", "the longer one is named", "no limit"],
)
def test_both_windows_roll(
    product: Product,
    organization: Organization,
    agent: Actor,
    thread: UUID,
    account: UUID,
    ago_s: float,
    limits: dict[str, int],
    named: str | None,
    wait_s: float,
) -> None:
    _limit(product, **limits)
    _sent(product, organization, thread, account, ago_s)

    if named is None:
        send(product, agent, thread)
        return
    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread)
    assert refusal.value.details["limit"] == named
    assert refusal.value.details["retry_after_s"] == pytest.approx(wait_s, abs=15)


def test_every_recipient_counts_and_the_wait_is_for_as_many_as_are_needed(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    _limit(product, hourly=10)
    _sent(product, organization, thread, account, 3000, mail_cc=["b@x.example"], mail_bcc=["c@x.example"])
    _sent(product, organization, thread, account, 1200, mail_to=[f"p{n}@x.example" for n in range(6)])

    send(product, agent, thread)
    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread, cc=[f"q{number}@x.example" for number in range(3)])

    # Ten of ten are used; four more need the first mail's three to leave, and one of the second mail's.
    assert refusal.value.details["used"] == 10
    assert refusal.value.details["retry_after_s"] == pytest.approx(2400, abs=15)
    with pytest.raises(RateLimited) as sooner:
        send(product, agent, thread, cc=["q1@x.example", "q2@x.example"])
    assert sooner.value.details["retry_after_s"] == pytest.approx(600, abs=15)


def test_a_mail_to_more_than_the_limit_ever_allows_says_so(
    product: Product, agent: Actor, thread: UUID
) -> None:
    _limit(product, hourly=3)

    with pytest.raises(ValidationFailed, match=r"4 recipients, and .* may send to 3 in an hour") as refusal:
        send(product, agent, thread, cc=[f"q{number}@x.example" for number in range(3)])

    assert refusal.value.details["field"] == "to"


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_never_left_does_not_count(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID, status: str
) -> None:
    _limit(product, hourly=1)
    _sent(product, organization, thread, account, 60, status=status, took_nothing=status == "failed")

    send(product, agent, thread)


def test_a_mail_that_bounced_was_taken_and_counts(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    """Many bounces are what providers stop an account for: they must not make room for more."""
    _limit(product, hourly=1)
    _sent(product, organization, thread, account, 60, status="failed", took_nothing=False)

    with pytest.raises(RateLimited):
        send(product, agent, thread)


def test_each_mailbox_has_its_own_count(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    other = product.add_mailbox(organization, "other@yourdomain.com")
    _limit(product, hourly=1)
    send(product, agent, thread, email_account_id=account)

    send(product, agent, thread, email_account_id=other)

    with pytest.raises(RateLimited, match=r"other@yourdomain\.com"):
        send(product, agent, thread, email_account_id=other)


def test_two_at_once_cannot_both_take_the_last_place(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    _limit(product, hourly=5)
    processes = [twin() for _ in range(8)]
    at_once = threading.Barrier(len(processes))
    outcomes: list[str] = []

    def write(process: Product) -> None:
        at_once.wait()
        try:
            send(process, agent, thread)
            outcomes.append("sent")
        except BanxwayError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=write, args=(process,)) for process in processes]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(outcomes) == ["rate_limited"] * 3 + ["sent"] * 5
    assert len(outbound(product)) == 5


def test_automatic_mail_is_told_that_there_is_no_room(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    _limit(product, hourly=1)

    def has_room() -> bool:
        with product.app.database.organization(organization.id) as transaction:
            row = email_accounts.find(transaction, account)
            assert row is not None
            return sending_limits.has_room(transaction, account=row)

    assert has_room()
    send(product, agent, thread)
    assert not has_room()


def test_what_waited_for_long_does_not_leave_all_at_once(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    """Held while sending was stopped, these were written in hours whose limits they kept."""
    held = [add_mail(product, organization, thread, account) for _ in range(5)]
    _limit(product, hourly=2)

    for message in held:
        deliver(product, organization, message)

    rows = [product.row(message) for message in held]
    assert [row["status"] for row in rows] == ["sent", "sent", "queued", "queued", "queued"]
    assert all(row["attempts"] == 0 and "limit" in row["failure_reason"] for row in rows[2:])
    (waits,) = product.database.rows(
        "SELECT min(next_attempt_at - now()) AS wait FROM messages WHERE status = 'queued'"
    )
    assert waits["wait"].total_seconds() == pytest.approx(3600, abs=15)
    product.database.rows(
        "UPDATE messages SET attempted_at = now() - interval '61 minutes' WHERE status = 'sent'"
    )
    deliver(product, organization, held[2])
    assert (product.row(held[2])["status"], product.row(held[2])["failure_reason"]) == ("sent", None)


def test_the_mailbox_shows_what_is_used(
    product: Product, organization: Organization, admin: Actor, thread: UUID, account: UUID
) -> None:
    _sent(product, organization, thread, account, 7200, mail_cc=["b@x.example"])
    _sent(product, organization, thread, account, 60)

    shown = product.app.email_accounts.get(actor=admin, account_id=account)

    assert (shown.sent_last_hour, shown.sent_last_day) == (1, 3)
