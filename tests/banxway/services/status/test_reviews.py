"""The daily review: each thing wrong is notified once, whatever interrupts a review or runs beside it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from banxway.errors import Unavailable
from banxway.models.actors import Actor
from banxway.models.integrations.configurations import WhatsAppConfiguration
from banxway.models.maintenance.sweeps import Reviewed
from banxway.models.time_limits import WORKER
from banxway.storage import uptime
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database
from banxway.storage.status import reviews
from tests.support.databases.postgres import Organization
from tests.support.product.builders import BUSINESS, Product
from tests.support.timing.racing import Background, held_changes, patient, until_waiting

Twin = Callable[..., Product]


def fail(
    product: Product, organization: Organization, action: str = "integration.sync", times: int = 1
) -> None:
    """Add entries of a failed operation to the audit trail."""
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        for _ in range(times):
            audit.append(
                transaction, organization_id=organization.id, action=action, succeeded=False, details={}
            )


def age_credentials(product: Product, days: int) -> None:
    product.database.rows(
        "UPDATE integration_settings SET credentials_changed_at = now() - make_interval(days => %s)", (days,)
    )


def open_ones(product: Product, kind: str) -> list[dict[str, Any]]:
    return product.database.rows(
        """SELECT id, subject, sentence, occurrences FROM notifications
           WHERE kind = %s AND closed_at IS NULL ORDER BY subject""",
        (kind,),
    )


def change_mailbox(product: Product, account: UUID, changes: str) -> None:
    product.database.rows(f"UPDATE email_accounts SET {changes} WHERE id = %s", (account,))


def test_with_nothing_wrong_nothing_is_reported(product: Product, organization: Organization) -> None:
    product.add_whatsapp(organization)
    product.add_mailbox(organization)

    assert product.app.status.reviews.review() == Reviewed(organizations=1, opened=0, closed=0)


# ── credentials that end ─────────────────────────────────────────────────────────────────────────


def ends_in(product: Product, days: int) -> None:
    product.database.rows(
        "UPDATE integration_settings SET credentials_expire_on = current_date + %s", (days,)
    )


@pytest.mark.parametrize(
    ("days", "said"),
    [(15, None), (14, "in 14 days"), (3, "in 3 days"), (0, "end on "), (-2, "ended on ")],
)
def test_credentials_that_end_soon_are_reminded_of(
    product: Product, organization: Organization, days: int, said: str | None
) -> None:
    product.add_whatsapp(organization)
    ends_in(product, days)

    product.app.status.reviews.review()

    sentences = [each["sentence"] for each in open_ones(product, "credentials_ending")]
    assert len(sentences) == (said is not None)
    assert all(said in each and "/settings/integrations?tab=whatsapp" in each for each in sentences if said)


def test_a_reminder_that_was_dismissed_comes_again_at_the_next_stage_only(
    product: Product, organization: Organization
) -> None:
    product.add_whatsapp(organization)
    opened = []
    for days in (14, 10, 3, 2, 0):
        ends_in(product, days)
        opened.append(product.app.status.reviews.review().opened)
        # A stage begins at midnight: the notification of the one before is older than that.
        product.database.rows(
            "UPDATE notifications SET closed_at = now(), created_at = created_at - interval '1 day' "
            "WHERE kind = 'credentials_ending' AND %s IN (10, 2)",
            (days,),
        )

    assert opened == [1, 0, 1, 0, 1]


def test_new_credentials_close_the_reminder_and_forget_the_day(
    product: Product, organization: Organization
) -> None:
    product.add_whatsapp(organization)
    ends_in(product, 2)
    product.app.status.reviews.review()
    typed = {"account_sid": "own1", "api_key": "own-key", "api_token": "next", "whatsapp_number": BUSINESS}

    saved = product.app.integrations.configure.configure(
        actor=product.actor(organization, "admin"),
        integration_type="exotel_whatsapp",
        typed=WhatsAppConfiguration(**typed),
    )

    assert saved.credentials_expire_on is None
    assert open_ones(product, "credentials_ending") == []


# ── permissions that are not used ────────────────────────────────────────────────────────────────


def granted_long_ago(product: Product, organization: Organization) -> None:
    product.add_whatsapp(organization)
    product.database.rows(
        "UPDATE user_integration_permissions SET can_use = true, updated_at = now() - interval '31 days' "
        "WHERE organization_id = %s AND integration_type = 'exotel_whatsapp'",
        (organization.id,),
    )


def test_who_has_not_used_what_is_reported_once_a_month(product: Product, organization: Organization) -> None:
    granted_long_ago(product, organization)
    sent = product.add_message(organization, product.add_thread(organization))
    product.database.rows("UPDATE messages SET created_by = %s WHERE id = %s", (organization.agent, sent))

    product.app.status.reviews.review()
    (reported,) = open_ones(product, "permissions_unused")
    product.database.rows("UPDATE notifications SET closed_at = now()")
    again_this_month = product.app.status.reviews.review().opened
    product.database.rows("UPDATE notifications SET created_at = created_at - interval '31 days'")
    next_month = product.app.status.reviews.review().opened

    manager = product.actor(organization, "manager").email
    assert reported["sentence"] == (
        f"1 of those who may use exotel_whatsapp have not done so for 30 days: {manager}. Review permissions and "
        "limits: GET /api/v1/settings/integrations/exotel_whatsapp/permissions"
    )
    assert (again_this_month, next_month) == (0, 1)


def test_a_permission_of_this_month_is_not_judged(product: Product, organization: Organization) -> None:
    product.add_whatsapp(organization)

    product.app.status.reviews.review()

    assert open_ones(product, "permissions_unused") == []


# ── credentials ──────────────────────────────────────────────────────────────────────────────────


def test_credentials_older_than_90_days_are_reported_once(
    product: Product, organization: Organization
) -> None:
    product.add_whatsapp(organization)
    age_credentials(product, 91)

    first, second = product.app.status.reviews.review(), product.app.status.reviews.review()

    (reported,) = open_ones(product, "credentials_old")
    assert (first.opened, second.opened) == (1, 0)
    assert reported["subject"] == "exotel_whatsapp"
    assert "90 days" in reported["sentence"]


def test_credentials_younger_than_that_are_not(product: Product, organization: Organization) -> None:
    product.add_whatsapp(organization)
    age_credentials(product, 89)

    assert product.app.status.reviews.review().opened == 0


def test_changed_credentials_close_what_was_reported_the_old_ones(
    product: Product, organization: Organization
) -> None:
    product.add_whatsapp(organization)
    age_credentials(product, 91)
    product.app.status.reviews.review()

    age_credentials(product, 0)
    again = product.app.status.reviews.review()

    assert again.closed == 1
    assert open_ones(product, "credentials_old") == []


def test_what_somebody_has_dismissed_is_not_reported_again_the_next_day(
    product: Product, organization: Organization, admin: Actor
) -> None:
    product.add_whatsapp(organization)
    age_credentials(product, 91)
    product.app.status.reviews.review()
    (reported,) = open_ones(product, "credentials_old")

    product.app.status.notifications.dismiss(actor=admin, notification_id=reported["id"])

    assert product.app.status.reviews.review().opened == 0


# ── failed operations ────────────────────────────────────────────────────────────────────────────


def test_failures_are_reported_once_per_action_with_their_number_and_where_to_look(
    product: Product, organization: Organization
) -> None:
    fail(product, organization, "integration.sync", times=3)
    fail(product, organization, "message.send")

    found = product.app.status.reviews.review()

    sync, send = open_ones(product, "operations_failed")
    assert found.opened == 2
    assert (sync["subject"], sync["occurrences"]) == ("integration.sync", 3)
    assert sync["sentence"].startswith("integration.sync failed 3 times")
    assert sync["sentence"].endswith("/settings/audit-logs?action=integration.sync&status=failed")
    assert send["sentence"].startswith("message.send failed once")


def test_each_failure_is_counted_by_one_review(product: Product, organization: Organization) -> None:
    fail(product, organization, times=2)
    product.app.status.reviews.review()
    fail(product, organization, times=3)

    found = [product.app.status.reviews.review(), product.app.status.reviews.review()]

    (reported,) = open_ones(product, "operations_failed")
    assert [each.opened for each in found] == [0, 0]
    assert reported["occurrences"] == 5


def test_after_a_dismissal_only_what_fails_later_is_reported(
    product: Product, organization: Organization, admin: Actor
) -> None:
    fail(product, organization, times=4)
    product.app.status.reviews.review()
    (reported,) = open_ones(product, "operations_failed")
    fail(product, organization)
    product.app.status.notifications.dismiss(actor=admin, notification_id=reported["id"])

    product.app.status.reviews.review()

    (later,) = open_ones(product, "operations_failed")
    assert later["occurrences"] == 1


def test_two_reviews_at_once_count_nothing_twice(
    product: Product, twin: Twin, organization: Organization
) -> None:
    fail(product, organization, times=7)
    beside = [twin() for _ in range(4)]

    # All have begun before the first has committed.
    with held_changes(product.database, organization.id):
        reviewing = [
            Background(lambda each=each: patient(each.app).status.reviews.review()) for each in beside
        ]
        until_waiting(product.database, len(beside))
    for one in reviewing:
        one.result()

    (reported,) = open_ones(product, "operations_failed")
    assert reported["occurrences"] == 7
    assert [e["action"] for e in product.audit(organization)].count("notification.created") == 1


def test_an_interrupted_review_is_completed_by_the_next(
    product: Product, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [product.database.add_organization(f"Other {number}") for number in range(2)]
    for each in (organization, *others):
        fail(product, each, times=2)
    with monkeypatch.context() as patch:
        seen: list[int] = []
        whole = reviews.old_credentials

        def die_in_the_second(transaction: Any, *, older_than_days: int) -> Any:
            seen.append(1)
            if len(seen) == 2:
                raise KeyboardInterrupt
            return whole(transaction, older_than_days=older_than_days)

        patch.setattr(reviews, "old_credentials", die_in_the_second)
        with pytest.raises(KeyboardInterrupt):
            product.app.status.reviews.review()
    done = len(open_ones(product, "operations_failed"))

    product.app.status.reviews.review()

    assert done == 1
    assert [each["occurrences"] for each in open_ones(product, "operations_failed")] == [2, 2, 2]


def test_one_organization_that_cannot_be_reviewed_does_not_keep_the_others_from_it(
    product: Product, organization: Organization
) -> None:
    other = product.database.add_organization("Other")
    stuck = min(organization, other, key=lambda each: each.id)
    fail(product, organization)
    fail(product, other)
    product.app.infrastructure.database.close()
    product.app.infrastructure.database = Database(
        product.database.app_url, limits=lambda: replace(WORKER, lock_ms=200)
    )
    with psycopg.connect(product.database.superuser_url) as blocker:
        blocker.execute("INSERT INTO audit_reviews VALUES (%s, 0)", (stuck.id,))
        with pytest.raises(Unavailable, match="1 of 2 organizations"):
            product.app.status.reviews.review()

    assert len(open_ones(product, "operations_failed")) == 1


# ── mailboxes ────────────────────────────────────────────────────────────────────────────────────


def test_a_mailbox_that_has_failed_for_an_hour_is_reported_until_it_works(
    product: Product, organization: Organization
) -> None:
    account = product.add_mailbox(organization)
    change_mailbox(
        product,
        account,
        "last_polled_at = now() - interval '61 minutes', consecutive_failures = 4, "
        "last_poll_error = 'The password was refused.', next_poll_at = now() + interval '5 minutes'",
    )

    product.app.status.reviews.review()
    (reported,) = open_ones(product, "mailbox_failing")
    change_mailbox(
        product, account, "last_polled_at = now(), consecutive_failures = 0, last_poll_error = NULL"
    )
    repaired = product.app.status.reviews.review()

    assert reported["subject"] == str(account)
    assert "support@yourdomain.com" in reported["sentence"]
    assert "The password was refused." in reported["sentence"]
    assert repaired.closed == 1


def test_a_mailbox_that_failed_just_now_is_not_reported(product: Product, organization: Organization) -> None:
    account = product.add_mailbox(organization)
    change_mailbox(
        product, account, "last_polled_at = now() - interval '45 minutes', consecutive_failures = 4"
    )

    assert product.app.status.reviews.review().opened == 0


@pytest.mark.parametrize(
    ("late_s", "opened"), [(3001, 1), (2100, 0)], ids=["over ten intervals", "under ten intervals"]
)
def test_a_mailbox_that_nobody_polls_is_reported_after_ten_intervals(
    product: Product, organization: Organization, late_s: int, opened: int
) -> None:
    account = product.add_mailbox(organization, poll_interval_ms=300_000)
    change_mailbox(product, account, f"next_poll_at = now() - interval '{late_s} seconds'")

    assert product.app.status.reviews.review().opened == opened


@pytest.mark.parametrize(
    ("started_s", "opened"), [(3001, 1), (2900, 0)], ids=["over ten intervals ago", "under ten intervals ago"]
)
def test_after_a_stop_a_mailbox_is_reported_once_it_had_its_ten_intervals(
    product: Product,
    organization: Organization,
    long_running: Callable[[float], None],
    started_s: int,
    opened: int,
) -> None:
    account = product.add_mailbox(organization, poll_interval_ms=300_000)
    change_mailbox(product, account, "next_poll_at = now() - interval '1 day'")
    long_running(started_s)

    assert product.app.status.reviews.review().opened == opened


def test_the_start_of_the_database_is_what_it_says(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    with product.app.infrastructure.database.system() as transaction:
        since = uptime.running_since(transaction)
        (row,) = transaction.all("SELECT pg_postmaster_start_time() AS at, now() AS now")

    assert since == row["at"] < row["now"]


@pytest.mark.parametrize(
    "change", ["imap_enabled = false", "email = 'gone'"], ids=["switched off", "deleted"]
)
def test_a_mailbox_that_is_no_longer_polled_closes_what_was_reported_it(
    product: Product, organization: Organization, change: str
) -> None:
    account = product.add_mailbox(organization)
    product.add_whatsapp(organization)
    change_mailbox(product, account, "next_poll_at = now() - interval '1 hour'")
    product.app.status.reviews.review()

    change_mailbox(product, account, change)
    product.database.rows("DELETE FROM email_accounts WHERE email = 'gone'")
    again = product.app.status.reviews.review()

    assert again.closed == 1


# ── integrations ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "repair",
    ["UPDATE integration_credentials SET is_verified = true", "DELETE FROM integration_credentials"],
    ids=["verified again", "deleted"],
)
def test_an_integration_that_no_longer_fails_closes_what_was_reported_it(
    product: Product, organization: Organization, repair: str
) -> None:
    product.add_whatsapp(organization)
    product.database.rows("UPDATE integration_credentials SET is_verified = false")
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        product.app.status.notifications.open(
            transaction,
            organization_id=organization.id,
            kind="integration_failed",
            subject="exotel_whatsapp",
            sentence="Exotel refused the credentials",
        )
    kept = product.app.status.reviews.review()

    product.database.rows(repair)
    again = product.app.status.reviews.review()

    assert (kept.closed, again.closed) == (0, 1)


def test_no_organization_hears_of_anothers_trouble(product: Product, organization: Organization) -> None:
    other = product.database.add_organization("Other")
    product.add_whatsapp(other)
    fail(product, organization)

    product.app.status.reviews.review()

    owners = product.database.rows("SELECT DISTINCT organization_id FROM notifications")
    assert [row["organization_id"] for row in owners] == [organization.id]
