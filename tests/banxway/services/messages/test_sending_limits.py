"""The hourly and daily limits of a mailbox: counted from the ledger, and refused before anything is written."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from banxway.errors import BanxwayError, RateLimited, ValidationFailed
from banxway.models.actors import Actor
from banxway.services.messages.channels.email import limits
from banxway.storage import email_accounts
from banxway.storage.messages import sent_counts
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import CUSTOMER_MAIL, add_mail, deliver, outbound, send
from tests.support.product.builders import Product
from tests.support.timing.racing import (
    Background,
    ends_without_waiting,
    held,
    held_changes,
    patient,
    until_waiting,
)

Twin = Callable[..., Product]

HOUR, DAY = 3600, 86400


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


def _frees_up_in_s(product: Product, message: UUID, window_s: int) -> float:
    """Return in how many seconds a mail leaves a window, by the clock that counts."""
    (row,) = product.database.rows(
        """SELECT extract(epoch FROM coalesce(attempted_at, occurred_at) - now())::float + %s AS s
           FROM messages WHERE id = %s""",
        (window_s, message),
    )
    return float(row["s"])


class _Waits:
    """What a wait must be: until a mail leaves a window, as of some moment while the block ran."""

    def __init__(self, product: Product, message: UUID, window_s: int) -> None:
        self._ask = lambda: _frees_up_in_s(product, message, window_s)
        self._longest = self._ask()

    def is_over_in(self, seconds: float) -> bool:
        """Return whether a wait is right, in whole seconds that are rounded up."""
        return self._ask() <= seconds <= self._longest + 1


def test_the_mail_beyond_the_limit_is_refused_and_leaves_nothing(
    product: Product, agent: Actor, thread: UUID
) -> None:
    _limit(product, hourly=3)
    for _ in range(3):
        send(product, agent, thread)
    product.queues["mail"].clear()

    with pytest.raises(RateLimited, match="hourly limit of 3 mails") as refusal:
        send(product, agent, thread)

    assert refusal.value.details["limit"] == "hourly_limit"
    assert refusal.value.details["retry_after_s"] == HOUR + 1
    assert (len(outbound(product)), product.queues["mail"].items) == (3, [])


@pytest.mark.parametrize(
    ("ago_s", "limits", "named", "window_s"),
    [
        (2400, {"hourly": 1}, "hourly_limit", HOUR),
        (3601, {"hourly": 1}, None, 0),
        (80000, {"daily": 1}, "daily_limit", DAY),
        (86401, {"daily": 1}, None, 0),
        (2400, {"hourly": 1, "daily": 1}, "daily_limit", DAY),
        (2400, {}, None, 0),
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
    window_s: int,
) -> None:
    _limit(product, **limits)
    message = _sent(product, organization, thread, account, ago_s)
    waits = _Waits(product, message, window_s)

    if named is None:
        send(product, agent, thread)
        return
    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread)
    assert refusal.value.details["limit"] == named
    assert waits.is_over_in(refusal.value.details["retry_after_s"])


def test_every_recipient_counts_and_the_wait_is_for_as_many_as_are_needed(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    _limit(product, hourly=10)
    copies = {"mail_cc": ["b@x.example"], "mail_bcc": ["c@x.example"]}
    first = _sent(product, organization, thread, account, 2400, **copies)
    second = _sent(
        product, organization, thread, account, 1200, mail_to=[f"p{n}@x.example" for n in range(6)]
    )
    until_first, until_second = (_Waits(product, message, HOUR) for message in (first, second))

    send(product, agent, thread, to=CUSTOMER_MAIL)
    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread, to=CUSTOMER_MAIL, cc=[f"q{number}@x.example" for number in range(3)])

    # Ten of ten are used; four more need the first mail's three to leave, and one of the second mail's.
    assert refusal.value.details["used"] == 10
    assert until_second.is_over_in(refusal.value.details["retry_after_s"])
    with pytest.raises(RateLimited) as sooner:
        send(product, agent, thread, to=CUSTOMER_MAIL, cc=["q1@x.example", "q2@x.example"])
    assert until_first.is_over_in(sooner.value.details["retry_after_s"])


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
    product: Product, organization: Organization, admin: Actor, account: UUID, twin: Twin
) -> None:
    """An admin, each in a thread of its own, so that nothing but the mailbox makes one wait for another.

    All come as far as they can before the first has committed: to the mailbox, or else to the changes.
    """
    _limit(product, hourly=5)
    places = [
        product.add_thread(organization, phone=None, email=f"c{number}@customer.example")
        for number in range(8)
    ]

    def write(process: Product, thread: UUID) -> str:
        patient(process.app)
        try:
            send(process, admin, thread)
        except BanxwayError as error:
            return error.code
        return "sent"

    processes = [twin() for _ in places]

    with held_changes(product.database, organization.id):
        pairs = zip(processes, places, strict=True)
        writing = [Background(lambda pair=pair: write(*pair)) for pair in pairs]
        until_waiting(product.database, len(places))

    assert sorted(one.result() for one in writing) == ["rate_limited"] * 3 + ["sent"] * 5
    assert len(outbound(product)) == 5


def test_automatic_mail_is_reported_that_there_is_no_room(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    _limit(product, hourly=1)

    def has_room() -> bool:
        with product.app.infrastructure.database.organization(organization.id) as transaction:
            row = email_accounts.find(transaction, account)
            assert row is not None
            return limits.has_room(transaction, account=row)

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
    assert all(row["next_attempt_at"] >= rows[0]["attempted_at"] + timedelta(hours=1) for row in rows[2:])
    assert all(row["next_attempt_at"] <= row["updated_at"] + timedelta(hours=1) for row in rows[2:])
    product.database.rows(
        "UPDATE messages SET attempted_at = now() - interval '61 minutes' WHERE status = 'sent'"
    )
    deliver(product, organization, held[2])
    assert (product.row(held[2])["status"], product.row(held[2])["failure_reason"]) == ("sent", None)


# What a worker asks before a mail leaves.


def _wait_s(product: Product, organization: Organization, account: UUID, recipients: int = 1) -> float:
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        row = email_accounts.find(transaction, account)
        assert row is not None
        return limits.wait_before(transaction, account=row, recipients=recipients)


@pytest.mark.parametrize(("waiting", "wait_s"), [(0, 0.0), (7, 0.0)], ids=["alone", "with others that wait"])
def test_a_mail_leaves_as_long_as_the_window_holds_it_however_many_wait_behind(
    product: Product, organization: Organization, thread: UUID, account: UUID, waiting: int, wait_s: float
) -> None:
    _limit(product, hourly=2, daily=2)
    for _ in range(2):
        _sent(product, organization, thread, account, 1, status="sending")
    for _ in range(waiting):
        add_mail(product, organization, thread, account)

    assert _wait_s(product, organization, account) == wait_s


@pytest.mark.parametrize(
    ("recipients", "waits"), [(5, False), (2, True)], ids=["over the limit", "within it"]
)
def test_a_mail_to_more_than_a_limit_that_was_lowered_since_leaves_once_the_window_is_otherwise_empty(
    product: Product, organization: Organization, thread: UUID, account: UUID, recipients: int, waits: bool
) -> None:
    """Else it would wait for ever, and nobody would be reported."""
    _limit(product, hourly=3)
    copies = [f"c{number}@x.example" for number in range(recipients - 1)]
    _sent(product, organization, thread, account, 1, status="sending", mail_cc=copies)
    if waits:
        _sent(product, organization, thread, account, 60, mail_cc=["b@x.example"])

    assert (_wait_s(product, organization, account, recipients) > 0) == waits


def test_a_mail_waits_for_the_window_that_frees_up_last(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    _limit(product, hourly=1, daily=1)
    first = _sent(product, organization, thread, account, 1800)
    _sent(product, organization, thread, account, 1, status="sending")
    until_first = _Waits(product, first, DAY)

    assert until_first.is_over_in(_wait_s(product, organization, account))


def test_a_mailbox_without_limits_waits_for_nothing(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    for _ in range(3):
        _sent(product, organization, thread, account, 1)

    assert _wait_s(product, organization, account) == 0.0


# What counts.


def test_a_mail_counts_from_when_it_left_and_not_from_when_it_was_written(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    _limit(product, hourly=1)
    message = add_mail(product, organization, thread, account)
    product.database.rows("UPDATE messages SET occurred_at = now() - interval '2 hours'")
    deliver(product, organization, message)

    with pytest.raises(RateLimited):
        send(product, agent, thread)


def test_a_mail_that_left_by_another_program_counts_from_its_own_time(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    """It was never taken by a worker: its copy in Sent is all that is known of it."""
    _limit(product, hourly=1)
    message = add_mail(product, organization, thread, account, status="sent")
    product.database.rows("UPDATE messages SET occurred_at = now() - interval '30 minutes'")

    until_it_frees_up = _Waits(product, message, HOUR)

    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread)
    assert until_it_frees_up.is_over_in(refusal.value.details["retry_after_s"])

    product.database.rows(
        "UPDATE messages SET occurred_at = now() - interval '61 minutes' WHERE id = %s", (message,)
    )
    send(product, agent, thread)


@pytest.mark.parametrize(
    "columns",
    [{"direction": "inbound", "status": "received"}, {"channel": "WHATSAPP"}, {"email_account_id": None}],
    ids=["what customers wrote", "another channel", "a mailbox that is gone"],
)
def test_only_mails_of_ours_from_this_mailbox_count(
    product: Product,
    organization: Organization,
    agent: Actor,
    thread: UUID,
    account: UUID,
    columns: dict[str, Any],
) -> None:
    _limit(product, hourly=1)
    _sent(product, organization, thread, account, 60, **columns)

    send(product, agent, thread, to=CUSTOMER_MAIL)


@pytest.mark.parametrize("status", ["queued", "sending", "unknown", "sent"])
def test_what_may_have_left_or_is_about_to_counts(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID, status: str
) -> None:
    _limit(product, hourly=1)
    _sent(product, organization, thread, account, 60, status=status)

    with pytest.raises(RateLimited):
        send(product, agent, thread)


@pytest.mark.parametrize(
    ("limits", "window_s"), [({"hourly": 1}, HOUR), ({"daily": 1}, DAY)], ids=["hour", "day"]
)
def test_what_waits_counts_as_if_it_left_now(
    product: Product,
    organization: Organization,
    agent: Actor,
    thread: UUID,
    account: UUID,
    limits: dict[str, int],
    window_s: int,
) -> None:
    """It was written days ago, and its mailbox was stopped since."""
    _limit(product, **limits)
    add_mail(product, organization, thread, account)
    product.database.rows(
        "UPDATE messages SET occurred_at = now() - interval '3 days', attempted_at = now() - interval '3 days'"
    )

    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread)

    assert refusal.value.details["retry_after_s"] == window_s + 1


def test_a_mail_without_a_list_of_recipients_is_one(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    """Mails from before copies existed, and those of other programs, name one recipient."""
    _limit(product, hourly=1)
    _sent(product, organization, thread, account, 60, mail_to=[])

    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread)

    assert refusal.value.details["used"] == 1


def test_a_wait_is_at_least_a_second(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    """A queue takes whole seconds, and a mail that is due at once would be held again at once."""
    _sent(product, organization, thread, account, 0)

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        # In one transaction, whose now does not move.
        transaction.execute("UPDATE messages SET attempted_at = now() - interval '59 minutes 59.7 seconds'")
        wait_s = sent_counts.frees_up_in(transaction, account, window_s=HOUR, wanted=1)

    assert wait_s == 1.0


def test_more_places_than_were_ever_taken_are_waited_for_as_long_as_the_window_is(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    _sent(product, organization, thread, account, 60)

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        assert sent_counts.frees_up_in(transaction, account, window_s=HOUR, wanted=2) == HOUR


def test_automatic_mail_asks_without_keeping_the_mailbox_from_others(
    product: Product, organization: Organization, account: UUID, twin: Twin
) -> None:
    """Anybody who files mail holds threads already, which senders take after the mailbox."""
    _limit(product, hourly=5)
    other = twin()
    patient(other.app)

    def ask() -> bool:
        with other.app.infrastructure.database.organization(organization.id) as transaction:
            row = email_accounts.find(transaction, account)
            assert row is not None
            return limits.has_room(transaction, account=row)

    with held(product.database, "SELECT FROM email_accounts FOR NO KEY UPDATE"):
        asking = Background(ask)
        assert ends_without_waiting(product.database, asking)
    assert asking.result()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1.0, "1 min"),
        (59.9, "1 min"),
        (60.0, "2 min"),
        (7139.9, "119 min"),
        (7140.0, "2 h"),
        (85000.0, "23 h"),
    ],
)
def test_a_wait_is_written_in_words(seconds: float, words: str) -> None:
    assert limits._spoken(seconds) == words


def test_a_refusal_says_when_there_is_room_again(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    _limit(product, hourly=1)
    _sent(product, organization, thread, account, 1800)

    with pytest.raises(RateLimited) as refusal:
        send(product, agent, thread)

    words = limits._spoken(refusal.value.details["retry_after_s"] - 1)
    assert refusal.value.message == (
        f"support@yourdomain.com has reached its hourly limit of 1 mails; it may send again in {words}"
    )


def test_the_mailbox_shows_what_is_used(
    product: Product, organization: Organization, admin: Actor, thread: UUID, account: UUID
) -> None:
    _sent(product, organization, thread, account, 7200, mail_cc=["b@x.example"])
    _sent(product, organization, thread, account, 60)

    shown = product.app.email_accounts.accounts.get(actor=admin, account_id=account)

    assert (shown.sent_last_hour, shown.sent_last_day) == (1, 3)
