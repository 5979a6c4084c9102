"""Polls that fail: recorded, notified once, tried later, and over with the first that works."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import (
    BanxwayError,
    Conflict,
    NotConfigured,
    NotFound,
    ProviderDenied,
    RateLimited,
    Unavailable,
)
from banxway.models.actors import Actor
from banxway.models.queue_items import MailboxesDue
from banxway.reasons import Reason
from banxway.services.email_sync.failures import state_after, wait_after
from banxway.storage.email_accounts import AccountRow
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_mail
from tests.support.product.fakes import FakeMailbox, refused
from tests.support.product.stored import row_of
from tests.support.timing.clocks import SetClock
from tests.support.timing.database_clock import DatabaseClock

Twin = Callable[..., Product]


# Failures, recorded.


def test_a_refused_login_is_noted_backed_off_from_and_audited_once(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    denial = {"provider": "imap", "operation": "login", "reason": Reason.LOGIN_REFUSED}
    mailbox.opening.always(refused(ProviderDenied, "Login refused", **denial))
    waits = []
    for _ in range(7):
        product.poll(account)
        row = product.account(account)
        waits.append((row.next_poll_at - row.last_failed_at).total_seconds())
        assert (row.last_poll_error, row.last_poll_reason) == ("Login refused", "login_refused")

    assert row.consecutive_failures == 7
    assert waits == [60, 120, 240, 480, 960, 1920, 3600]
    assert row.state == "login_failed"
    assert [entry["action"] for entry in product.audit(organization)] == [
        "mailbox.poll",
        "notification.created",
    ]
    assert product.audit(organization)[0]["status"] == "failed"

    mailbox.opening.always(None)
    product.poll(account)
    row = product.account(account)
    assert (row.last_poll_error, row.last_poll_reason) == (None, None)
    assert (row.consecutive_failures, row.state) == (0, "ok")
    assert product.database.rows("SELECT id FROM notifications WHERE closed_at IS NULL") == []


BUSY = refused(errors.ProviderThrottled, "Too many connections")
BUSY_FOR = refused(errors.ProviderThrottled, "Too many connections", retry_after_s=200)
DENIED, BLOCKED = refused(errors.ProviderDenied), refused(errors.ProviderBlocked)
SILENT, GONE = refused(errors.ProviderTimeout), refused(errors.ProviderUnavailable)
ODD = Unavailable("The blob store is not available")


@pytest.mark.parametrize(
    ("error", "failures", "before", "state"),
    [
        (DENIED, 0, "ok", "login_failed"),
        (DENIED, 5, "unreachable", "login_failed"),
        (BLOCKED, 0, "ok", "blocked"),
        (refused(errors.ProviderDenied, reason=Reason.LOGIN_BLOCKED), 0, "ok", "blocked"),
        (refused(errors.ProviderRejected, reason=Reason.ACCOUNT_BLOCKED), 0, "ok", "blocked"),
        (refused(errors.ProviderRejected, "Unusual activity"), 0, "ok", "needs_attention"),
        (Unavailable("The account is blocked"), 0, "ok", "ok"),
        (SILENT, 0, "ok", "ok"),
        (SILENT, 1, "ok", "ok"),
        (SILENT, 2, "ok", "unreachable"),
        (GONE, 2, "ok", "unreachable"),
        (GONE, 1, "login_failed", "login_failed"),
        (BUSY, 9, "ok", "ok"),
        (ODD, 9, "blocked", "blocked"),
    ],
)
def test_the_state_of_a_mailbox_is_what_its_failures_say(
    error: BanxwayError, failures: int, before: str, state: str
) -> None:
    assert state_after(error, row_of(AccountRow, state=before, consecutive_failures=failures)) == state


@pytest.mark.parametrize(
    ("error", "failures", "before", "state", "seconds"),
    [
        (DENIED, 0, "ok", "login_failed", 60),
        (DENIED, 9, "ok", "login_failed", 60),
        (DENIED, 1, "login_failed", "login_failed", 120),
        (DENIED, 5, "login_failed", "login_failed", 1920),
        (DENIED, 6, "login_failed", "login_failed", 3600),
        (BLOCKED, 0, "ok", "blocked", 900),
        (BLOCKED, 1, "blocked", "blocked", 1800),
        (BLOCKED, 2, "blocked", "blocked", 3600),
        (BLOCKED, 3, "blocked", "blocked", 3600),
        (ODD, 0, "ok", "ok", 30),
        (ODD, 1, "ok", "ok", 60),
        (ODD, 4, "ok", "ok", 480),
        (ODD, 5, "ok", "ok", 900),
        (ODD, 5000, "ok", "ok", 900),
        (BUSY, 0, "ok", "ok", 60),
        (BUSY, 2, "ok", "ok", 120),
        (BUSY_FOR, 0, "ok", "ok", 200),
        (refused(errors.ProviderThrottled, retry_after_s=86_400), 0, "ok", "ok", 900),
    ],
)
def test_a_mailbox_is_left_alone_for_longer_with_each_failure_in_a_row(
    error: BanxwayError, failures: int, before: str, state: str, seconds: float
) -> None:
    account = row_of(AccountRow, state=before, consecutive_failures=failures, poll_interval_ms=30_000)

    assert wait_after(error, account, state) == seconds


def test_who_lost_the_lease_tells_nobody_of_a_failure(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    def take_over(_: None) -> None:
        product.database.rows("UPDATE email_accounts SET fence = fence + 1")
        raise refused(errors.ProviderDenied, "Login refused", provider="imap")

    mailbox.listing.then(take_over)
    product.poll(account)

    assert product.database.rows("SELECT action FROM integration_audit_logs") == []
    assert product.database.rows("SELECT id FROM notifications") == []
    assert product.account(account).last_poll_error is None


def test_a_mailbox_that_fails_in_the_same_way_is_reported_and_audited_once(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.listing.always(refused(errors.ProviderTimeout, "No answer", provider="imap"))
    for _ in range(5):
        product.poll(account)

    assert [entry["action"] for entry in product.audit(organization)] == [
        "mailbox.poll",
        "mailbox.poll",
        "notification.created",
    ]
    details = [entry["details"]["state"] for entry in product.audit(organization)[:2]]
    assert details == ["ok", "unreachable"]


def test_a_manager_who_polls_now_is_reported_what_went_wrong(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.opening.then(refused(ProviderDenied, "Login refused"))

    with pytest.raises(ProviderDenied, match="Login refused"):
        product.poll_now(admin, account)

    assert product.account(account).lease_until is None


@pytest.mark.parametrize(
    "failure",
    [
        refused(errors.ProviderTimeout, "No answer"),
        refused(errors.ProviderUnavailable, "No connection"),
        Unavailable("The blob store is not available"),
    ],
    ids=["timeout", "no connection", "no blob store"],
)
def test_a_failure_in_the_middle_keeps_what_was_done_and_resumes(
    product: Product, account: UUID, mailbox: FakeMailbox, failure: BanxwayError
) -> None:
    mailbox.deliver(a_mail(subject="First"))
    product.poll(account)
    mailbox.deliver(a_mail(subject="Second", message_id="second@customer.example"))
    mailbox.fetching.then(failure)

    product.poll(account)
    assert product.subjects() == ["First"]
    product.poll(account)

    assert product.subjects() == ["First", "Second"]


def test_credentials_that_do_not_open_are_noted_with_what_to_do(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())

    twin(encryption_master_key="c" * 43 + "=").poll(account)

    assert "key" in product.account(account).last_poll_error
    product.poll(account)
    assert len(product.messages()) == 1


def test_polling_now_what_is_being_polled_is_a_conflict(
    product: Product, admin: Actor, account: UUID, twin: Twin
) -> None:
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '1 minute'")
    clock = SetClock()

    with pytest.raises(Conflict, match="being polled"):
        twin(clock=clock).poll_now(admin, account)
    assert 8 <= sum(clock.slept) < 9


@pytest.mark.parametrize("state", ["login_failed", "unreachable"])
@pytest.mark.parametrize("ago_s", [20, 59, 61])
def test_a_login_that_was_refused_within_a_minute_is_not_tried_again_by_hand(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, state: str, ago_s: int
) -> None:
    """Providers lock accounts that keep trying, so a person's request waits as well."""
    product.close()
    with DatabaseClock.installed(product.database) as clock:
        now = datetime(2100, 1, 1, tzinfo=UTC)
        clock.set(now)
        product.database.rows(
            "UPDATE email_accounts SET state = %s, last_failed_at = %s, last_poll_error = 'No'",
            (state, now - timedelta(seconds=ago_s)),
        )

        if state == "unreachable" or ago_s > 60:
            product.poll_now(admin, account)
        else:
            with pytest.raises(RateLimited, match="moment ago") as refusal:
                product.poll_now(admin, account)
            assert refusal.value.details["retry_after_s"] == 60 - ago_s
        assert mailbox.listed == int(state == "unreachable" or ago_s > 60)
        product.close()


def test_polling_now_needs_a_mailbox_that_is_polled_at_all(
    product: Product, organization: Organization, admin: Actor
) -> None:
    off = product.add_mailbox(organization, imap_enabled=False)
    theirs = product.add_mailbox(product.database.add_organization("Other"))

    with pytest.raises(NotConfigured, match="imap_enabled"):
        product.poll_now(admin, off)
    for unknown in (theirs, uuid4()):
        with pytest.raises(NotFound):
            product.poll_now(admin, unknown)


@pytest.mark.parametrize("due", [False, True])
def test_an_item_that_comes_early_does_nothing(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, due: bool
) -> None:
    product.database.rows(
        "UPDATE email_accounts SET next_poll_at = now() + make_interval(secs => %s)", (0 if due else 10,)
    )

    product.app.email_sync.sync.poll_due(MailboxesDue.of(organization.id, account))

    assert mailbox.listed == (1 if due else 0)


def test_an_item_of_a_mailbox_that_is_gone_or_anothers_does_nothing(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    stranger = product.database.add_organization("Other")

    product.app.email_sync.sync.poll_due(MailboxesDue.of(organization.id, uuid4()))
    product.app.email_sync.sync.poll_due(MailboxesDue.of(stranger.id, account))

    assert mailbox.listed == 0
