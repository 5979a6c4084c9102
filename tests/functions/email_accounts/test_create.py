"""The guide's Step 4: adding a mailbox."""

import pytest

from banxway.models.account_checks import ImapCheck, SmtpCheck
from tests.support.matching import A_UUID, AN_INSTANT
from tests.support.stories import MAILBOX, SUPPORT, add_mailbox

PATH = "/api/v1/settings/email-accounts"
BAD_SMTP = SmtpCheck(success=False, host="smtp.zoho.com", port=587, secure=False, error="535 no")
BAD_IMAP = ImapCheck(success=False, host="imap.zoho.com", port=993, secure=True, error="no such user")


def test_the_guides_mailbox_is_added(bundle, organization):
    answer = bundle.post(PATH, organization.admin, MAILBOX)

    assert answer.status == 201
    assert answer.json == {
        "success": True,
        "message": "Email account added",
        "data": {
            "id": A_UUID,
            "name": "Support Inbox",
            "email": SUPPORT,
            "smtp_host": "smtp.zoho.com",
            "smtp_port": 587,
            "smtp_secure": False,
            "smtp_enabled": True,
            "imap_host": "imap.zoho.com",
            "imap_port": 993,
            "imap_tls": True,
            "imap_enabled": True,
            "poll_interval_ms": 30000,
            "is_default": True,
            "is_verified": True,
            "last_polled_at": None,
            "last_poll_error": None,
            "created_at": AN_INSTANT,
        },
    }


def test_the_password_is_in_no_answer_and_no_column(bundle, organization):
    answer = bundle.post(PATH, organization.admin, MAILBOX)

    rows = bundle.database.rows("SELECT * FROM email_accounts WHERE organization_id = %s", (organization.id,))
    assert "your_app_password" not in answer.text + str(rows)


@pytest.mark.parametrize(
    ("smtp", "imap", "sentence"),
    [
        (BAD_SMTP, None, "SMTP did not work: nothing was saved"),
        (None, BAD_IMAP, "IMAP did not work: nothing was saved"),
        (BAD_SMTP, BAD_IMAP, "SMTP and IMAP did not work: nothing was saved"),
    ],
    ids=["smtp", "imap", "both"],
)
def test_what_does_not_work_is_not_saved(bundle, organization, smtp, imap, sentence):
    bundle.providers.mail_sender.checking.then(smtp)
    bundle.providers.mailbox(SUPPORT).checking.then(imap)

    answer = bundle.post(PATH, organization.admin, MAILBOX)

    assert (answer.status, answer.json["error"], answer.json["code"]) == (
        422,
        sentence,
        "mailbox_check_failed",
    )
    assert answer.json["details"]["check"].keys() == {"smtp", "imap"}
    assert bundle.get(PATH, organization.admin).data == []


def test_a_half_that_is_switched_off_need_not_work(bundle, organization):
    bundle.providers.mailbox(SUPPORT).checking.then(BAD_IMAP)

    answer = bundle.post(PATH, organization.admin, MAILBOX | {"imap_enabled": False})

    assert (answer.status, answer.data["imap_enabled"]) == (201, False)


def test_one_address_is_added_once(bundle, organization):
    add_mailbox(bundle, organization.admin)

    answer = bundle.post(PATH, organization.admin, MAILBOX | {"email": SUPPORT.upper()})

    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert answer.json["details"] == {"field": "email"}


def test_another_organization_may_add_the_same_address(bundle, organization):
    add_mailbox(bundle, bundle.database.add_organization("Other").admin)

    assert bundle.post(PATH, organization.admin, MAILBOX).status == 201


def test_a_new_default_takes_the_place_of_the_old_one(bundle, organization):
    add_mailbox(bundle, organization.admin)
    add_mailbox(bundle, organization.admin, email="sales@yourdomain.com")

    listed = bundle.get(PATH, organization.admin).data
    assert [(each["email"], each["is_default"]) for each in listed] == [
        ("sales@yourdomain.com", True),
        (SUPPORT, False),
    ]
