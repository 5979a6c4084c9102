"""The mailbox tick."""

from functions.email_sync.enqueue_due.app import handler
from tests.support.product.events import tick
from tests.support.product.stories import add_mailbox


def test_a_due_mailbox_is_enqueued_for_every_time_it_falls_due(lone_bundle):
    organization = lone_bundle.database.add_organization()
    account = add_mailbox(lone_bundle, organization.admin)

    answer = lone_bundle.call(handler, tick())

    # One now; the other, 30 seconds later, is not visible yet.
    assert answer == {"found": "2"}
    assert lone_bundle.queued("mailbox") == [
        {
            "mailboxes": [{"organization_id": str(organization.id), "account_id": account["id"]}],
            "is_rest": False,
            "patience": 2,
        }
    ]


def test_what_is_not_due_is_left_alone(lone_bundle):
    organization = lone_bundle.database.add_organization()
    add_mailbox(lone_bundle, organization.admin, imap_enabled=False)
    later = add_mailbox(lone_bundle, organization.admin, email="later@yourdomain.com")
    lone_bundle.database.rows(
        "UPDATE email_accounts SET next_poll_at = now() + interval '4 minutes' WHERE id = %s", (later["id"],)
    )

    answer = lone_bundle.call(handler, tick())

    assert answer == {"found": "0"}
    assert lone_bundle.queued("mailbox") == []
