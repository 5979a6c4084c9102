"""Changing a mailbox: its options at once, its logins only if they work."""

import threading

import pytest

from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.reasons import Reason
from banxway.storage.email_accounts import AccountRow
from tests.support.product.matching import A_VERSION
from tests.support.product.stories import SUPPORT, add_mailbox, configure
from tests.support.timing.waiting import PATIENCE_S

PATH = "/api/v1/settings/email-accounts"
BAD_SMTP = SmtpCheck(
    success=False,
    host="smtp.zoho.com",
    port=587,
    secure=False,
    error="Invalid login: 535 Authentication failed",
    reason=Reason.LOGIN_REFUSED,
)
BAD_IMAP = ImapCheck(
    success=False,
    host="imap.zoho.com",
    port=993,
    secure=True,
    error="Connection timeout",
    reason=Reason.TIMEOUT,
)
ONE_HALF = ("smtp_host", "smtp_port", "imap_host", "imap_port")


@pytest.fixture
def account(bundle, organization):
    added = add_mailbox(bundle, organization.admin)
    bundle.providers.mail_servers.clear()
    return added


def change(bundle, user, account, body):
    return bundle.request("PATCH", f"{PATH}/{account['id']}", user=user, body=body)


def opened(bundle, account):
    """Return both logins as the product itself would use them."""
    (row,) = bundle.database.rows("SELECT * FROM email_accounts WHERE id = %s", (account["id"],))
    credentials = bundle.app.integrations.credentials
    return credentials.open_smtp(AccountRow(**row)), credentials.open_imap(AccountRow(**row))


def entries(bundle, organization, action="mailbox.update"):
    listed = bundle.get(f"/api/v1/settings/audit-logs?action={action}", organization.admin).data
    return [(entry["status"], entry["details"]) for entry in listed]


def test_the_guides_change_of_polling_is_made_and_nothing_is_tried(bundle, organization, account):
    answer = change(bundle, organization.admin, account, {"poll_interval_ms": 60000, "imap_enabled": True})

    assert (answer.status, answer.json["message"]) == (200, "Email account updated")
    assert answer.data == account | {
        "poll_interval_ms": 60000,
        "updated_at": answer.data["updated_at"],
        "version": A_VERSION,
    }
    assert bundle.providers.mail_servers == []


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Help desk"},
        {"poll_interval_ms": 10_000},
        {"poll_interval_ms": 300_000},
        {"smtp_enabled": False},
        {"imap_enabled": False},
        {"signature_html": "<p>Help desk</p>", "signature_text": "Help desk"},
        {"signature_html": "", "signature_text": ""},
        {"reply_to": "help@yourdomain.com"},
        {"hourly_limit": 10, "daily_limit": 20},
        {"hourly_limit": None, "daily_limit": None},
        {"folders": ["INBOX", "Customers/Été"]},
        {"folders": None},
        {"marks_seen": True, "uses_idle": True},
    ],
    ids=str,
)
def test_an_option_is_changed_and_shown(bundle, organization, account, body):
    changed = change(bundle, organization.admin, account, body).data

    assert {name: changed[name] for name in body} == body
    assert bundle.get(f"{PATH}/{account['id']}", organization.agent).data == changed


def test_a_member_is_assigned_and_taken_away_again(bundle, organization, account):
    assigned = change(bundle, organization.admin, account, {"assigned_to_user_id": str(organization.agent)})
    removed = change(bundle, organization.admin, account, {"assigned_to_user_id": None})

    assert assigned.data["assigned_to_user_id"] == str(organization.agent)
    assert removed.data["assigned_to_user_id"] is None


def test_a_new_default_takes_the_place_of_the_old_one(bundle, organization, account):
    other = add_mailbox(bundle, organization.admin, email="sales@yourdomain.com", is_default=False)

    change(bundle, organization.admin, other, {"is_default": True})

    listed = bundle.get(PATH, organization.agent).data
    assert [(each["email"], each["is_default"]) for each in listed] == [
        ("sales@yourdomain.com", True),
        (SUPPORT, False),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"poll_interval_ms": 9_999}, "poll_interval_ms"),
        ({"poll_interval_ms": 300_001}, "poll_interval_ms"),
        ({"poll_interval_ms": None}, "poll_interval_ms"),
        ({"poll_interval_ms": "10000"}, "poll_interval_ms"),
        ({"marks_seen": "f"}, "marks_seen"),
        ({"reply_to": "a\u0001b@c.example"}, "reply_to"),
        ({"reply_to": "ａ@ｂ.example"}, "reply_to"),
        ({"reply_to": "a.@c.example"}, "reply_to"),
        ({"name": "\u202e"}, "name"),
        ({"name": "two\u2028lines"}, "name"),
        ({"name": "Support\r\nBcc: all@example.com"}, "name"),
        ({"reply_to": "a@b.example\nBcc: c@d.example"}, "reply_to"),
        ({"email": "other@yourdomain.com"}, "email"),
        ({"is_default": False}, "is_default"),
        ({"sending_stopped": True}, "sending_stopped"),
        ({"hourly_limit": -1}, "hourly_limit"),
        ({"folders": []}, "folders"),
        ({"assigned_to_user_id": "00000000-0000-0000-0000-000000000001"}, "assigned_to_user_id"),
        ({"imap_host": "10.1.2.3"}, "imap_host"),
        ({"smtp_host": "169.254.169.254"}, "smtp_host"),
        ({"smtp_port": 8025}, "smtp_port"),
        ({"smtp_secure": True}, "smtp_port"),
        ({"imap_port": 143}, "imap_port"),
        ({"state": "ok"}, "state"),
        ({"fence": 1}, "fence"),
    ],
    ids=str,
)
def test_bad_input_is_refused_by_field_and_changes_nothing(bundle, organization, account, body, field):
    answer = change(bundle, organization.admin, account, body)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)
    # Each half is judged for itself: only the one that may be dialled is.
    assert len(bundle.providers.mail_servers) == (field in ONE_HALF)
    assert bundle.get(f"{PATH}/{account['id']}", organization.agent).data == account


def test_somebody_who_left_is_not_assigned(bundle, organization, account):
    bundle.database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.agent,))

    answer = change(bundle, organization.admin, account, {"assigned_to_user_id": str(organization.agent)})

    assert (answer.status, answer.json["details"]) == (422, {"field": "assigned_to_user_id"})


def test_a_folder_that_the_server_does_not_list_is_refused_by_name(bundle, organization, account):
    bundle.database.rows(
        """INSERT INTO email_folders (organization_id, account_id, name, uid_validity, role)
           VALUES (%(o)s, %(a)s, 'INBOX', 1, 'inbox'), (%(o)s, %(a)s, 'Sent', 1, 'sent')""",
        {"o": organization.id, "a": account["id"]},
    )

    answer = change(bundle, organization.admin, account, {"folders": ["INBOX", "Snet"]})

    assert (answer.status, answer.json["details"]) == (422, {"field": "folders"})
    assert answer.json["error"] == "folders: Snet must be one of the mailbox's folders: INBOX, Sent"


@pytest.mark.parametrize(
    ("body", "failing", "field"),
    [
        ({"smtp_password": "mistyped"}, "smtp", "smtp_password"),
        ({"imap_password": "mistyped"}, "imap", "imap_host"),
        ({"imap_host": "imap.zoho.in"}, "imap", "imap_host"),
    ],
    ids=["SMTP password", "IMAP password", "IMAP host"],
)
def test_a_login_that_does_not_work_is_not_saved(bundle, organization, account, body, failing, field):
    before = opened(bundle, account)
    bundle.providers.mail_sender.checking.then(BAD_SMTP)
    bundle.providers.mailbox(SUPPORT).checking.then(BAD_IMAP)

    answer = change(bundle, organization.admin, account, {**body, "name": "Renamed"})

    assert (answer.status, answer.json["code"]) == (422, "mailbox_check_failed")
    assert answer.json["error"] == f"{failing.upper()} did not work: nothing was saved"
    assert answer.json["details"]["field"] == field
    assert opened(bundle, account) == before
    assert bundle.get(f"{PATH}/{account['id']}", organization.agent).data == account
    ((status, details),) = entries(bundle, organization)
    assert (status, details["smtp_error"]) == ("failed", BAD_SMTP.error)


def test_a_login_that_works_is_saved_and_polled_at_once(bundle, organization, account):
    bundle.database.rows(
        """UPDATE email_accounts SET state = 'login_failed', last_poll_error = 'Invalid login',
               consecutive_failures = 6, next_poll_at = now() + interval '1 hour' WHERE id = %s""",
        (account["id"],),
    )

    changed = change(
        bundle, organization.admin, account, {"imap_password": "new-password", "imap_host": "imap.zoho.in"}
    ).data

    smtp, imap = opened(bundle, account)
    assert (smtp.password, imap.password, imap.host) == ("your_app_password", "new-password", "imap.zoho.in")
    assert (changed["state"], changed["last_poll_error"], changed["is_verified"]) == ("ok", None, True)
    (row,) = bundle.database.rows(
        "SELECT next_poll_at <= now() AS is_due, consecutive_failures FROM email_accounts WHERE id = %s",
        (account["id"],),
    )
    assert row == {"is_due": True, "consecutive_failures": 0}


def test_only_the_half_that_changes_must_work(bundle, organization, account):
    bundle.providers.mail_sender.checking.then(BAD_SMTP)

    answer = change(bundle, organization.admin, account, {"imap_password": "new-password"})

    assert answer.status == 200


def test_a_half_that_is_switched_on_must_work(bundle, organization, account):
    change(bundle, organization.admin, account, {"imap_enabled": False})
    bundle.providers.mailbox(SUPPORT).checking.then(BAD_IMAP, None)

    refused = change(bundle, organization.admin, account, {"imap_enabled": True})
    works = change(bundle, organization.admin, account, {"imap_enabled": True})

    assert (refused.status, refused.json["error"]) == (422, "IMAP did not work: nothing was saved")
    assert (works.status, works.data["imap_enabled"]) == (200, True)


def test_another_port_decides_about_tls_and_another_host_about_the_provider(bundle, organization, account):
    changed = change(
        bundle,
        organization.admin,
        account,
        {"smtp_port": 465, "smtp_host": "mail.example.com", "imap_host": "mail.example.com"},
    ).data

    assert (changed["smtp_port"], changed["smtp_secure"], changed["provider"]) == (465, True, "custom")
    assert (changed["hourly_limit"], changed["daily_limit"]) == (250, 500)


def test_sending_goes_on_when_an_admin_says_so(bundle, organization, account):
    bundle.database.rows(
        """UPDATE email_accounts SET sending_stopped_at = now(), sending_stopped_reason = '550 5.4.6',
               state = 'blocked' WHERE id = %s""",
        (account["id"],),
    )

    changed = change(bundle, organization.admin, account, {"sending_stopped": False}).data

    assert (changed["sending_stopped"], changed["sending_stopped_reason"]) == (False, None)
    assert changed["state"] == "ok"
    ((_, details),) = entries(bundle, organization)
    assert (details["before"], details["after"]) == ({"sending_stopped": True}, {"sending_stopped": False})


def test_a_change_is_one_audit_entry_that_shows_both_sides_and_no_password(bundle, organization, account):
    body = {"poll_interval_ms": 45_000, "name": "Support Inbox", "smtp_password": "new-canary-password"}
    change(bundle, organization.admin, account, body)

    ((status, details),) = entries(bundle, organization)
    assert (status, details["account_id"]) == ("success", account["id"])
    assert details["before"] == {"poll_interval_ms": 30_000, "smtp_password": None}
    assert details["after"] == {"poll_interval_ms": 45_000, "smtp_password": "*** (changed)"}


def test_the_integration_of_the_address_follows_its_mailbox(bundle, organization):
    configure(bundle, organization.admin, "zoho_mail")
    (account,) = bundle.get(PATH, organization.admin).data

    change(
        bundle,
        organization.admin,
        account,
        {
            "smtp_password": "new-password",
            "imap_password": "new-password",
            "smtp_host": "smtp.zoho.in",
            "imap_host": "imap.zoho.in",
        },
    )

    shown = bundle.get("/api/v1/settings/integrations/zoho_mail/credentials", organization.admin).data
    integration = bundle.get("/api/v1/settings/integrations/zoho_mail", organization.admin).data
    assert shown["credentials"] == {"password": "new-password"}
    assert integration["settings"]["imap_host"] == "imap.zoho.in"
    assert integration["status"] == "Active"


def test_a_login_that_somebody_else_changed_meanwhile_is_a_conflict(bundle, organization, account):
    twin = bundle.twin()
    asked, changed = threading.Event(), threading.Event()

    def slow(_):
        asked.set()
        assert changed.wait(PATIENCE_S)

    bundle.providers.mail_sender.checking.then(slow)
    answers = []
    first = threading.Thread(
        target=lambda: answers.append(change(twin, organization.admin, account, {"smtp_password": "first"}))
    )
    first.start()
    assert asked.wait(PATIENCE_S)
    second = change(bundle, organization.admin, account, {"smtp_password": "second"})
    changed.set()
    first.join()
    twin.close()

    assert (second.status, answers[0].status, answers[0].json["code"]) == (200, 409, "conflict")
    assert opened(bundle, account)[0].password == "second"


def test_another_organizations_mailbox_is_not_found(bundle, organization, account):
    stranger = bundle.database.add_organization("Other")

    answer = change(bundle, stranger.admin, account, {"name": "Mine"})

    assert (answer.status, answer.json["error"]) == (404, "Email account not found")
    assert bundle.get(f"{PATH}/{account['id']}", organization.agent).data == account
