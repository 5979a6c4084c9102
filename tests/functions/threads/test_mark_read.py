"""Reading a thread, and marking its mail on the server."""

from uuid import uuid4

import pytest

from tests.support.product.stories import SUPPORT, mail_arrived

PATH = "/api/v1/communications/threads/{}/read"


def seen_at(bundle, organization):
    rows = bundle.database.rows("SELECT seen_at FROM messages WHERE organization_id = %s", (organization.id,))
    return [row["seen_at"] for row in rows]


def test_reading_is_recorded_once_and_browsers_are_notified(bundle, organization):
    thread = mail_arrived(bundle, organization)
    bundle.queued("change")

    first = bundle.post(PATH.format(thread), organization.agent)
    again = bundle.post(PATH.format(thread), organization.agent)

    assert (first.status, first.data) == (200, {"thread_id": thread, "newly_read": 1})
    assert again.data["newly_read"] == 0
    assert None not in seen_at(bundle, organization)
    assert bundle.queued("change") == [{"organization_id": str(organization.id)}]


def test_mail_is_marked_on_the_server_only_where_the_mailbox_says_so(bundle, organization):
    thread = mail_arrived(bundle, organization)

    bundle.post(PATH.format(thread), organization.agent)

    assert bundle.queued("mailbox") == []
    assert bundle.providers.mailbox(SUPPORT).marked == []


def test_a_mailbox_that_marks_seen_is_marked_at_once(bundle, organization):
    thread = mail_arrived(bundle, organization)
    bundle.database.rows("UPDATE email_accounts SET marks_seen = true")

    bundle.post(PATH.format(thread), organization.agent)
    bundle.work("mailbox")

    mailbox = bundle.providers.mailbox(SUPPORT)
    assert mailbox.marked == [("INBOX", (1,))]
    assert mailbox.mails[1].flags == {"\\Seen"}


def test_what_another_client_marks_read_or_unread_is_read_or_unread_here(bundle, organization):
    mail_arrived(bundle, organization)
    mailbox = bundle.providers.mailbox(SUPPORT)
    (account,) = bundle.get("/api/v1/settings/email-accounts", organization.admin).data
    poll = f"/api/v1/settings/email-accounts/{account['id']}/poll-now"

    mailbox.flag([1])
    bundle.post(poll, organization.manager)
    (read,) = seen_at(bundle, organization)
    mailbox.flag([1], "-\\Seen")
    bundle.post(poll, organization.manager)

    assert read is not None
    assert seen_at(bundle, organization) == [None]


@pytest.mark.parametrize("marks", [True, False])
def test_a_thread_says_of_each_message_whether_it_was_read(bundle, organization, marks):
    thread = mail_arrived(bundle, organization)

    if marks:
        bundle.post(PATH.format(thread), organization.agent)

    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data
    assert [message["seen_at"] is not None for message in shown["messages"]] == [marks]


def test_an_unknown_thread_is_not_found(bundle, organization):
    assert bundle.post(PATH.format(uuid4()), organization.agent).status == 404
