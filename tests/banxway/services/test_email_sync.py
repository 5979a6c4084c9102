"""Inbound mail: every mail becomes visible once, whatever the server, the worker or the mail itself does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import BanxwayError, Conflict, NotConfigured, NotFound, ProviderDenied, Unavailable
from banxway.models.actors import Actor
from banxway.models.email_accounts import PollResult
from banxway.models.mail import FetchedMail
from tests.support.builders import SUPPORT, Product, a_mail
from tests.support.fakes import FakeMailbox, refused
from tests.support.postgres import Organization

Twin = Callable[..., Product]


def _poll_now(product: Product, actor: Actor, account: UUID) -> PollResult:
    return product.app.email_sync.poll_now(actor=actor, account_id=account)


def _subjects(product: Product) -> list[str]:
    return sorted(message["subject"] for message in product.messages())


def _account(product: Product, account: UUID) -> dict[str, Any]:
    return product.database.rows("SELECT * FROM email_accounts WHERE id = %s", (account,))[0]


# One mail.


def test_a_mail_becomes_a_customer_a_thread_and_a_message(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    arrived = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    raw = a_mail("Where is it?")
    mailbox.deliver(raw, at=arrived)

    result = _poll_now(product, admin, account)

    assert (result.new_messages, result.new_threads) == (1, 1)
    (message,) = product.messages()
    assert (message["sender"], message["recipient"], message["subject"]) == (
        "asha@customer.example",
        SUPPORT,
        "Parcel",
    )
    assert (message["body_text"].strip(), message["occurred_at"]) == ("Where is it?", arrived)
    assert product.app.blobs.get(admin.organization_id, message["raw_blob"]) == raw
    (customer,) = product.database.rows("SELECT name FROM customers")
    assert customer == {"name": "Asha"}
    assert [item.organization_id for item in product.change_queue.items] == [admin.organization_id]
    assert mailbox.closed >= 1


def test_a_second_poll_finds_nothing(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail())
    _poll_now(product, admin, account)
    product.change_queue.clear()

    again = _poll_now(product, admin, account)

    assert (again.new_messages, again.new_threads) == (0, 0)
    assert mailbox.fetched == [1]
    assert product.change_queue.items == []


def test_only_what_is_new_is_fetched(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
        product.poll(account)

    assert mailbox.fetched == [1, 2, 3]
    assert len(product.messages()) == 3


# Killed, or taken over, in between.


def test_a_poll_killed_between_storing_and_filing_is_finished_by_the_next(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    dying = twin()
    dying.app.email_sync._filing.file = _die
    with pytest.raises(SystemExit):
        dying.poll(account)
    assert (product.unfiled(), product.messages()) == (3, [])
    product.database.rows("UPDATE email_accounts SET lease_until = now()")

    product.poll(account)

    assert _subjects(product) == ["Mail 0", "Mail 1", "Mail 2"]
    assert mailbox.fetched == [1, 2, 3]


def _die(**_: Any) -> None:
    raise SystemExit("killed")


def test_a_poll_killed_while_it_fetches_is_begun_again_by_the_next(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    mailbox.fetching.then(None, lambda _: _die())
    with pytest.raises(SystemExit):
        twin().poll(account)
    assert product.unfiled() == 0
    product.database.rows("UPDATE email_accounts SET lease_until = now()")

    product.poll(account)

    assert _subjects(product) == ["Mail 0", "Mail 1", "Mail 2"]


def test_a_poller_that_lost_its_lease_writes_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())

    def take_over(_: int) -> None:
        product.database.rows(
            "UPDATE email_accounts SET fence = fence + 1, last_poll_error = 'the other one'"
        )

    mailbox.fetching.then(take_over)
    before = _account(product, account)["last_polled_at"]

    twin().poll(account)

    row = _account(product, account)
    assert (product.messages(), product.unfiled()) == ([], 0)
    assert (row["last_poll_error"], row["last_polled_at"], row["consecutive_failures"]) == (
        "the other one",
        before,
        0,
    )
    assert row["lease_until"] is not None
    assert product.database.rows("SELECT action FROM integration_audit_logs") == []


def test_a_mailbox_has_one_poller_at_a_time(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    second = twin()
    mailbox.deliver(a_mail())
    mailbox.fetching.then(lambda _: second.poll(account))

    product.poll(account)

    assert mailbox.opened == 1
    assert len(product.messages()) == 1


def test_a_lease_that_nobody_gave_back_ends_by_itself(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail())
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '80 seconds', fence = 7")
    product.poll(account)
    assert mailbox.opened == 0

    product.database.rows("UPDATE email_accounts SET lease_until = now() - interval '1 second'")
    product.poll(account)

    assert len(product.messages()) == 1
    assert _account(product, account)["fence"] == 8


def test_a_database_that_breaks_in_a_poll_loses_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())
    broken = twin()

    def cut(_: int) -> None:
        product.database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'banxway_app'"
        )

    mailbox.fetching.then(cut)
    broken.poll(account)
    product.database.rows("UPDATE email_accounts SET lease_until = NULL")
    product.poll(account)

    assert len(product.messages()) == 1


# Failures, noted.


def test_a_refused_login_is_noted_backed_off_from_and_audited_once(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.opening.always(refused(ProviderDenied, "Login refused", provider="imap", operation="login"))
    waits = []
    for _ in range(7):
        product.poll(account)
        row = _account(product, account)
        waits.append((row["next_poll_at"] - datetime.now(UTC)).total_seconds())
        assert row["last_poll_error"] == "Login refused"

    assert row["consecutive_failures"] == 7
    assert waits == pytest.approx([30, 60, 120, 240, 480, 900, 900], abs=3)
    assert [entry["action"] for entry in product.audit(organization)] == ["mailbox.poll"]
    assert product.audit(organization)[0]["status"] == "failed"

    mailbox.opening.always(None)
    product.poll(account)
    row = _account(product, account)
    assert (row["last_poll_error"], row["consecutive_failures"]) == (None, 0)


def test_a_manager_who_polls_now_is_told_what_went_wrong(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.opening.then(refused(ProviderDenied, "Login refused"))

    with pytest.raises(ProviderDenied, match="Login refused"):
        _poll_now(product, admin, account)

    assert _account(product, account)["lease_until"] is None


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
    assert _subjects(product) == ["First"]
    product.poll(account)

    assert _subjects(product) == ["First", "Second"]


def test_credentials_that_do_not_open_are_noted_with_what_to_do(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())

    twin(encryption_master_key="c" * 43 + "=").poll(account)

    assert "key" in _account(product, account)["last_poll_error"]
    product.poll(account)
    assert len(product.messages()) == 1


def test_polling_now_what_is_being_polled_is_a_conflict(
    product: Product, admin: Actor, account: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '1 minute'")
    moments = iter(range(0, 1000, 5))
    monkeypatch.setattr("banxway.services.email_sync.time.monotonic", lambda: next(moments))

    with pytest.raises(Conflict, match="being polled"):
        _poll_now(product, admin, account)


def test_polling_now_needs_a_mailbox_that_is_polled_at_all(
    product: Product, organization: Organization, admin: Actor
) -> None:
    off = product.add_mailbox(organization, imap_enabled=False)
    theirs = product.add_mailbox(product.database.add_organization("Other"))

    with pytest.raises(NotConfigured, match="imap_enabled"):
        _poll_now(product, admin, off)
    for unknown in (theirs, uuid4()):
        with pytest.raises(NotFound):
            _poll_now(product, admin, unknown)


@pytest.mark.parametrize("due", [False, True])
def test_an_item_that_comes_early_does_nothing(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, due: bool
) -> None:
    product.database.rows(
        "UPDATE email_accounts SET next_poll_at = now() + make_interval(secs => %s)", (0 if due else 10,)
    )

    product.app.email_sync.poll_due(organization_id=organization.id, account_id=account)

    assert mailbox.opened == (1 if due else 0)


def test_an_item_of_a_mailbox_that_is_gone_or_anothers_does_nothing(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    stranger = product.database.add_organization("Other")

    product.app.email_sync.poll_due(organization_id=organization.id, account_id=uuid4())
    product.app.email_sync.poll_due(organization_id=stranger.id, account_id=account)

    assert mailbox.opened == 0


# When.


@pytest.mark.parametrize(
    ("interval_s", "due_in_s", "moments"),
    [
        (10, 0, [0, 10, 20, 30, 40, 50]),
        (10, 7, [7, 17, 27, 37, 47, 57]),
        (30, 0, [0, 30]),
        (30, 29, [29, 59]),
        (30, -500, [0, 30]),
        (300, 5, [5]),
        (300, 250, []),
    ],
)
def test_the_tick_enqueues_a_mailbox_for_each_moment_of_the_minute(
    product: Product, organization: Organization, interval_s: int, due_in_s: int, moments: list[int]
) -> None:
    account = product.add_mailbox(organization, poll_interval_ms=interval_s * 1000)
    product.database.rows(
        "UPDATE email_accounts SET next_poll_at = now() + make_interval(secs => %s)", (due_in_s,)
    )

    enqueued = product.app.email_sync.enqueue_due()

    assert enqueued == len(moments)
    assert product.mailbox_queue.delays == pytest.approx(moments, abs=1)
    assert {item.account_id for item in product.mailbox_queue.items} <= {account}


def test_the_tick_sees_every_organization_and_no_mailbox_that_is_switched_off(
    product: Product, organization: Organization, account: UUID
) -> None:
    stranger = product.database.add_organization("Other")
    theirs = product.add_mailbox(stranger)
    product.add_mailbox(organization, "off@yourdomain.com", imap_enabled=False)

    product.app.email_sync.enqueue_due()

    assert {(item.organization_id, item.account_id) for item in product.mailbox_queue.items} == {
        (organization.id, account),
        (stranger.id, theirs),
    }


@pytest.mark.parametrize("interval_s", [10, 30, 300])
@pytest.mark.parametrize("poll_takes_s", [0, 4, 9])
def test_an_interval_holds_however_long_a_poll_takes(
    product: Product, organization: Organization, interval_s: int, poll_takes_s: int
) -> None:
    """The next poll is counted from when this one was due, or a mailbox would miss every other moment."""
    account = product.add_mailbox(organization, poll_interval_ms=interval_s * 1000)

    def poll_slowly(_: str) -> None:
        # As if the poll had begun so long ago: its due time and everything else lie further back.
        product.database.rows(
            "UPDATE email_accounts SET next_poll_at = next_poll_at - make_interval(secs => %s)",
            (poll_takes_s,),
        )

    product.providers.mailbox(SUPPORT).opening.then(poll_slowly)

    product.poll(account)

    wait = (_account(product, account)["next_poll_at"] - datetime.now(UTC)).total_seconds()
    assert wait == pytest.approx(interval_s - poll_takes_s, abs=2)


def test_a_mailbox_long_overdue_is_polled_now_and_then_at_its_interval(
    product: Product, account: UUID
) -> None:
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '3 hours'")
    (row,) = product.database.rows("SELECT organization_id FROM email_accounts")
    product.app.email_sync.poll_due(organization_id=row["organization_id"], account_id=account)

    wait = _account(product, account)["next_poll_at"] - datetime.now(UTC)
    assert timedelta(seconds=-3) <= wait <= timedelta(seconds=30)


def test_polling_now_does_not_put_the_next_poll_off(product: Product, admin: Actor, account: UUID) -> None:
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() + interval '20 seconds'")

    _poll_now(product, admin, account)

    wait = _account(product, account)["next_poll_at"] - datetime.now(UTC)
    assert wait <= timedelta(seconds=30)


def test_a_mailbox_that_is_being_polled_at_the_tick_is_enqueued_for_later_in_the_minute(
    product: Product, account: UUID
) -> None:
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '85 seconds'")

    product.app.email_sync.enqueue_due()

    assert 30 in product.mailbox_queue.delays


def test_a_poll_that_runs_out_of_time_goes_on_at_once(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.email_sync._BATCH_MESSAGES", 1)
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    clock = iter([0.0, 1.0, 1000.0, 1001.0, 1002.0, 1003.0])
    with monkeypatch.context() as patch:
        patch.setattr("banxway.services.email_sync.time.monotonic", lambda: next(clock))
        product.app.email_sync._poll(_leased(product, account), budget_s=15)

    assert 0 < len(product.messages()) < 3
    assert _account(product, account)["next_poll_at"] <= datetime.now(UTC) + timedelta(seconds=1)
    product.poll(account)
    assert len(product.messages()) == 3


def _leased(product: Product, account: UUID) -> dict[str, Any]:
    (row,) = product.database.rows("SELECT organization_id FROM email_accounts WHERE id = %s", (account,))
    leased = product.app.email_sync._take_lease(row["organization_id"], account, only_if_due=False)
    assert leased is not None
    return leased


def test_a_dead_change_queue_does_not_fail_a_poll(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    product.change_queue.is_down = True
    mailbox.deliver(a_mail())

    product.poll(account)

    assert _account(product, account)["last_poll_error"] is None
    assert len(product.messages()) == 1


def test_a_server_that_sends_another_size_than_it_said_is_believed_by_its_bytes(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    uid = mailbox.deliver(a_mail(), claimed_size=1)
    mailbox.fetching.then(lambda _: FetchedMail(uid, a_mail(), None))

    product.poll(account)

    (stored,) = product.database.rows("SELECT size_bytes FROM mailbox_messages")
    assert stored["size_bytes"] == len(a_mail())
