"""The guide's Test 5: both logins of a mailbox."""

import pytest

from banxway.errors import HostRefused
from banxway.models.account_checks import ImapCheck, SmtpCheck
from tests.support.matching import A_UUID
from tests.support.stories import LOGIN

PATH = "/api/v1/settings/email-accounts/test"
SMTP = SmtpCheck(success=True, host="smtp.zoho.com", port=587, secure=False)
IMAP = ImapCheck(success=True, host="imap.zoho.com", port=993, secure=True, mailbox_count=5, unread_count=12)
BAD_SMTP = SmtpCheck(
    success=False,
    host="smtp.zoho.com",
    port=587,
    secure=False,
    error="Invalid login: 535 Authentication failed",
)
BAD_IMAP = ImapCheck(
    success=False, host="imap.zoho.com", port=993, secure=True, error="Invalid login: no such user"
)


def script(bundle, smtp, imap):
    bundle.providers.mail_sender.checking.then(smtp)
    bundle.providers.mailbox(LOGIN["imap_user"]).checking.then(imap)


def test_a_working_mailbox_answers_as_the_guide_says(bundle, organization):
    script(bundle, SMTP, IMAP)

    answer = bundle.post(PATH, organization.admin, LOGIN)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "smtp": {"success": True, "host": "smtp.zoho.com", "port": 587, "secure": False},
            "imap": {
                "success": True,
                "host": "imap.zoho.com",
                "port": 993,
                "secure": True,
                "mailbox_count": 5,
                "unread_count": 12,
            },
        },
    }


@pytest.mark.parametrize(
    ("smtp", "imap", "failing"),
    [(BAD_SMTP, IMAP, {"smtp"}), (SMTP, BAD_IMAP, {"imap"}), (BAD_SMTP, BAD_IMAP, {"smtp", "imap"})],
    ids=["smtp", "imap", "both"],
)
def test_each_half_says_for_itself_what_failed(bundle, organization, smtp, imap, failing):
    script(bundle, smtp, imap)

    answer = bundle.post(PATH, organization.admin, LOGIN)

    assert answer.status == 422
    assert answer.json.keys() == {"success", "data"}
    assert answer.json["success"] is False
    halves = answer.json["data"]
    assert {name for name, half in halves.items() if not half["success"]} == failing
    assert {name for name, half in halves.items() if "error" in half} == failing


def test_a_refused_smtp_login_keeps_the_servers_words(bundle, organization):
    script(bundle, BAD_SMTP, IMAP)

    smtp = bundle.post(PATH, organization.admin, LOGIN).json["data"]["smtp"]

    assert smtp["error"] == "Invalid login: 535 Authentication failed"
    assert None not in smtp.values()


@pytest.mark.parametrize(
    ("typed", "tls"),
    [
        ({"smtp_port": 587}, "starttls"),
        ({"smtp_port": 465}, "implicit"),
        ({"smtp_port": 465, "smtp_secure": False}, "starttls"),
        ({"smtp_port": 587, "smtp_secure": True}, "implicit"),
    ],
    ids=["587", "465", "465 as typed", "587 as typed"],
)
def test_the_port_decides_about_tls_unless_something_was_typed(bundle, organization, typed, tls):
    bundle.post(PATH, organization.admin, LOGIN | typed)

    smtp, imap = bundle.providers.mail_servers
    assert (smtp.port, smtp.tls) == (typed["smtp_port"], tls)
    assert (imap.port, imap.tls) == (993, "implicit")


def test_a_host_that_must_not_be_dialled_is_refused_by_field(bundle, organization):
    bundle.providers.mail_sender.checking.then(HostRefused("This host cannot be used", field="smtp_host"))

    answer = bundle.post(PATH, organization.admin, LOGIN | {"smtp_host": "127.0.0.1"})

    assert answer.status == 422
    assert answer.json == {
        "success": False,
        "error": "This host cannot be used",
        "code": "host_refused",
        "details": {"field": "smtp_host"},
        "request_id": A_UUID,
    }


def test_a_test_saves_nothing_and_is_audited(bundle, organization):
    script(bundle, BAD_SMTP, IMAP)

    bundle.post(PATH, organization.admin, LOGIN)

    (entry,) = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert bundle.get("/api/v1/settings/email-accounts", organization.admin).data == []
    assert (entry["action"], entry["status"]) == ("mailbox.test", "failed")
    assert entry["details"]["smtp_error"] == "Invalid login: 535 Authentication failed"
