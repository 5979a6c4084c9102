"""The hourly tick of the watch over what comes in."""

from functions.maintenance.watch_inbound.app import handler
from tests.support.product.events import tick
from tests.support.product.stories import add_mailbox


def test_a_silent_mailbox_becomes_a_notification_that_people_see(lone_bundle):
    organization = lone_bundle.database.add_organization()
    account = add_mailbox(lone_bundle, organization.admin)
    lone_bundle.database.rows(
        """INSERT INTO inbound_hours (organization_id, subject, hour, arrivals, last_at)
           SELECT %s, %s, date_trunc('hour', at, 'UTC'), 1, at
           FROM generate_series(now() - interval '40 days', now() - interval '2 days', interval '1 hour') AS at""",
        (organization.id, account["id"]),
    )

    answers = [lone_bundle.call(handler, tick()) for _ in range(2)]

    notifications = lone_bundle.get("/api/v1/settings/notifications", organization.agent).data
    assert answers == [
        {"found": "Reviewed(organizations=1, opened=1, closed=0)"},
        {"found": "Reviewed(organizations=1, opened=0, closed=0)"},
    ]
    assert [(each["kind"], each["subject"]) for each in notifications] == [("inbound_silent", account["id"])]


def test_with_nothing_set_up_nothing_is_done(lone_bundle):
    assert lone_bundle.call(handler, tick()) == {"found": "Reviewed(organizations=0, opened=0, closed=0)"}
