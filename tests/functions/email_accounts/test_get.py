"""One mailbox, with everything it has but its passwords."""

from uuid import uuid4

from tests.support.product.stories import add_mailbox

PATH = "/api/v1/settings/email-accounts/{}"


def test_a_mailbox_is_shown_as_it_was_added(bundle, organization):
    added = add_mailbox(bundle, organization.admin)

    answer = bundle.get(PATH.format(added["id"]), organization.agent)

    assert answer.json == {"success": True, "data": added}
    assert "your_app_password" not in answer.text
    assert "credentials" not in answer.text


def test_what_was_sent_in_the_last_hour_and_day_is_counted(bundle, organization, add_mail):
    account = add_mailbox(bundle, organization.admin)
    other = add_mailbox(bundle, organization.admin, email="sales@yourdomain.com")
    for minutes, status in ((5, "sent"), (50, "unknown"), (70, "sent"), (10, "failed"), (1500, "sent")):
        add_mail(account["id"], status, minutes=minutes)
    add_mail(other["id"], "sent")

    shown = bundle.get(PATH.format(account["id"]), organization.agent).data

    assert (shown["sent_last_hour"], shown["sent_last_day"]) == (2, 3)


def test_a_blocked_mailbox_says_so_and_why(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    bundle.database.rows(
        """UPDATE email_accounts SET state = 'blocked', last_poll_error = 'Blocked',
               sending_stopped_at = now(), sending_stopped_reason = '550 5.4.6' WHERE id = %s""",
        (account["id"],),
    )

    shown = bundle.get(PATH.format(account["id"]), organization.agent).data

    assert (shown["state"], shown["last_poll_error"]) == ("blocked", "Blocked")
    assert (shown["sending_stopped"], shown["sending_stopped_reason"]) == (True, "550 5.4.6")


def test_an_unknown_mailbox_is_not_found(bundle, organization):
    answer = bundle.get(PATH.format(uuid4()), organization.agent)

    assert (answer.status, answer.json["error"]) == (404, "Email account not found")
