"""The daily tick of the review."""

from functions.maintenance.review.app import handler
from tests.support.product.events import tick
from tests.support.product.stories import add_mailbox, configure
from tests.support.timing.standing import long_running

__all__ = ["long_running"]


def test_what_nobody_has_noticed_becomes_notifications(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    add_mailbox(lone_bundle, organization.admin)
    lone_bundle.database.rows(
        "UPDATE integration_settings SET credentials_changed_at = now() - interval '91 days'"
    )
    lone_bundle.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '1 hour'")

    answer = lone_bundle.call(handler, tick())

    notifications = lone_bundle.get("/api/v1/settings/notifications", organization.agent).data
    assert answer == {"found": "Reviewed(organizations=1, opened=2, closed=0)"}
    assert sorted(each["kind"] for each in notifications) == ["credentials_old", "mailbox_overdue"]


def test_a_tick_that_comes_twice_tells_nothing_twice(lone_bundle):
    organization = lone_bundle.database.add_organization()
    add_mailbox(lone_bundle, organization.admin)
    lone_bundle.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '1 hour'")
    lone_bundle.call(handler, tick())

    again = lone_bundle.call(handler, tick())

    assert again == {"found": "Reviewed(organizations=1, opened=0, closed=0)"}


def test_with_nothing_set_up_nothing_is_done(lone_bundle):
    assert lone_bundle.call(handler, tick()) == {"found": "Reviewed(organizations=0, opened=0, closed=0)"}
