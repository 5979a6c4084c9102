"""The guide's Test 5: both logins of a mailbox."""

import pytest

from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.reasons import Reason
from tests.support.product.stories import LOGIN

PATH = "/api/v1/settings/email-accounts/test"
SMTP = SmtpCheck(success=True, host="smtp.zoho.com", port=587, secure=False)
IMAP = ImapCheck(success=True, host="imap.zoho.com", port=993, secure=True, mailbox_count=5, unread_count=12)
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
    error="Invalid login: no such user",
    reason=Reason.LOGIN_REFUSED,
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
        ({"smtp_port": 25, "smtp_secure": False}, "starttls"),
        ({"smtp_port": 465, "smtp_secure": True}, "implicit"),
    ],
    ids=["587", "465", "25 as typed", "465 as typed"],
)
def test_the_port_decides_about_tls_unless_something_was_typed(bundle, organization, typed, tls):
    bundle.post(PATH, organization.admin, LOGIN | typed)

    smtp, imap = bundle.providers.mail_servers
    assert (smtp.port, smtp.tls) == (typed["smtp_port"], tls)
    assert (imap.port, imap.tls) == (993, "implicit")


@pytest.mark.parametrize(
    ("typed", "field", "hint"),
    [
        ({"smtp_port": 587, "smtp_secure": True}, "smtp_port", "use 587 for STARTTLS, 465 for SSL"),
        ({"smtp_port": 25, "smtp_secure": True}, "smtp_port", "use 587 for STARTTLS, 465 for SSL"),
        ({"smtp_port": 465, "smtp_secure": False}, "smtp_port", "use 587 for STARTTLS, 465 for SSL"),
        ({"imap_port": 143}, "imap_port", "use 143 for STARTTLS, 993 for SSL"),
        ({"imap_port": 993, "imap_tls": False}, "imap_port", "use 143 for STARTTLS, 993 for SSL"),
    ],
    ids=["TLS on 587", "TLS on 25", "STARTTLS on 465", "TLS on 143", "STARTTLS on 993"],
)
def test_a_port_that_does_not_speak_tls_as_asked_is_named_in_its_half_alone(
    bundle, organization, typed, field, hint
):
    answer = bundle.post(PATH, organization.admin, LOGIN | typed)

    half, other = ("smtp", "imap") if field == "smtp_port" else ("imap", "smtp")
    assert answer.status == 422
    failed = answer.json["data"][half]
    assert (failed["success"], failed["port"]) == (False, typed.get(field, failed["port"]))
    assert failed["error"].startswith("TLS Error: port mismatch")
    assert hint in failed["error"]
    assert answer.json["data"][other]["success"] is True
    assert [each.port for each in bundle.providers.mail_servers] == [answer.json["data"][other]["port"]]


@pytest.mark.parametrize(
    ("typed", "half"),
    [
        ({"smtp_host": "127.0.0.1"}, "smtp"),
        ({"smtp_host": "169.254.169.254"}, "smtp"),
        ({"imap_host": "10.0.0.5"}, "imap"),
        ({"imap_host": "localhost"}, "imap"),
        ({"imap_host": "fe80::1"}, "imap"),
        ({"smtp_port": 8080}, "smtp"),
        ({"imap_port": 22}, "imap"),
    ],
    ids=["loopback", "link-local", "private", "localhost", "link-local v6", "no mail port", "ssh"],
)
def test_what_must_not_be_dialled_is_not_dialled_and_the_other_half_is_tested(
    bundle, organization, typed, half
):
    answer = bundle.post(PATH, organization.admin, LOGIN | typed)

    halves = answer.json["data"]
    assert (answer.status, answer.json["success"]) == (422, False)
    assert {name for name, one in halves.items() if not one["success"]} == {half}
    assert "cannot be used" in halves[half]["error"]
    assert len(bundle.providers.mail_servers) == 1


def test_two_halves_that_fail_for_two_reasons_say_both(bundle, organization):
    answer = bundle.post(PATH, organization.admin, LOGIN | {"smtp_host": "127.0.0.1", "imap_port": 143})

    halves = answer.json["data"]
    assert halves["smtp"]["error"].startswith("This host cannot be used")
    assert halves["imap"]["error"].startswith("TLS Error: port mismatch")
    assert "saved" not in answer.text


def test_a_test_saves_nothing_and_is_audited(bundle, organization):
    script(bundle, BAD_SMTP, IMAP)

    bundle.post(PATH, organization.admin, LOGIN)

    (entry,) = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert bundle.get("/api/v1/settings/email-accounts", organization.admin).data == []
    assert (entry["action"], entry["status"]) == ("mailbox.test", "failed")
    assert entry["details"]["smtp_error"] == "Invalid login: 535 Authentication failed"
