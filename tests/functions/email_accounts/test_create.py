"""The guide's Step 4: adding a mailbox."""

from functools import partial

import pytest

from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.reasons import Reason
from tests.support.product.matching import A_UUID, A_VERSION, AN_INSTANT
from tests.support.product.stories import MAILBOX, SUPPORT, add_mailbox
from tests.support.product.traces import traces_of
from tests.support.timing.queueing import ADVISORY, one_after_the_other
from tests.support.timing.racing import patient

PATH = "/api/v1/settings/email-accounts"
BAD_SMTP = SmtpCheck(
    success=False,
    host="smtp.zoho.com",
    port=587,
    secure=False,
    error="Invalid login: 535 no",
    reason=Reason.LOGIN_REFUSED,
)
BAD_IMAP = ImapCheck(
    success=False,
    host="imap.zoho.com",
    port=993,
    secure=True,
    error="TLS Error: wrong version number",
    reason=Reason.TLS_FAILED,
)
ONE_HALF = ("smtp_host", "smtp_port", "imap_host", "imap_port")


def test_the_guides_mailbox_is_added(bundle, organization):
    answer = bundle.post(PATH, organization.admin, MAILBOX)

    assert answer.status == 201
    assert answer.json == {
        "success": True,
        "message": "Email account added",
        "data": {
            "id": A_UUID,
            "name": "Support Inbox",
            "version": A_VERSION,
            "email": SUPPORT,
            "provider": "zoho",
            "smtp_host": "smtp.zoho.com",
            "smtp_port": 587,
            "smtp_user": SUPPORT,
            "smtp_secure": False,
            "smtp_enabled": True,
            "imap_host": "imap.zoho.com",
            "imap_port": 993,
            "imap_user": SUPPORT,
            "imap_tls": True,
            "imap_enabled": True,
            "poll_interval_ms": 30000,
            "is_default": True,
            "is_verified": True,
            "last_verified_at": AN_INSTANT,
            "signature_html": "<p>Best regards,<br>Support Team</p>",
            "signature_text": "Best regards,\nSupport Team",
            "reply_to": None,
            "hourly_limit": 250,
            "daily_limit": 500,
            "sent_last_hour": 0,
            "sent_last_day": 0,
            "folders": None,
            "marks_seen": False,
            "uses_idle": False,
            "sends_canary": False,
            "canary_problem": None,
            "first_sync": None,
            "assigned_to_user_id": None,
            "state": "ok",
            "state_since": AN_INSTANT,
            "sending_stopped": False,
            "sending_stopped_at": None,
            "sending_stopped_reason": None,
            "inbound_last_proven_at": None,
            "last_polled_at": None,
            "last_poll_error": None,
            "created_at": AN_INSTANT,
            "updated_at": AN_INSTANT,
        },
    }


def test_the_password_is_in_no_answer_and_no_column(bundle, organization):
    answer = bundle.post(PATH, organization.admin, MAILBOX)

    rows = bundle.database.rows("SELECT * FROM email_accounts WHERE organization_id = %s", (organization.id,))
    assert len(rows) == 1
    assert traces_of("your_app_password", answer.text + str(rows)) == []


@pytest.mark.parametrize(
    ("smtp", "imap", "sentence", "field"),
    [
        (BAD_SMTP, None, "SMTP did not work: nothing was saved", "smtp_password"),
        (None, BAD_IMAP, "IMAP did not work: nothing was saved", "imap_port"),
        (BAD_SMTP, BAD_IMAP, "SMTP and IMAP did not work: nothing was saved", "smtp_password"),
    ],
    ids=["smtp", "imap", "both"],
)
def test_what_does_not_work_is_not_saved(bundle, organization, smtp, imap, sentence, field):
    bundle.providers.mail_sender.checking.then(smtp)
    bundle.providers.mailbox(SUPPORT).checking.then(imap)

    answer = bundle.post(PATH, organization.admin, MAILBOX)

    assert (answer.status, answer.json["error"], answer.json["code"]) == (
        422,
        sentence,
        "mailbox_check_failed",
    )
    assert answer.json["details"]["check"].keys() == {"smtp", "imap"}
    assert answer.json["details"]["field"] == field
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


def test_the_first_mailbox_becomes_the_default_whatever_was_typed(bundle, organization):
    first = add_mailbox(bundle, organization.admin, is_default=False)
    second = add_mailbox(bundle, organization.admin, email="sales@yourdomain.com", is_default=False)

    assert (first["is_default"], second["is_default"]) == (True, False)


@pytest.mark.parametrize(
    ("typed", "provider", "limits"),
    [
        ({}, "zoho", (250, 500)),
        ({"smtp_host": "SMTPPRO.zoho.in.", "imap_host": "imappro.zoho.in"}, "zoho", (250, 500)),
        ({"smtp_host": "mail.example.com", "imap_host": "mail.example.com"}, "custom", (None, None)),
        ({"smtp_host": "smtp.zoho.com.evil.example", "imap_host": "x.zoho.com"}, "custom", (None, None)),
        ({"daily_limit": 1000}, "zoho", (250, 1000)),
        ({"hourly_limit": None, "daily_limit": None}, "zoho", (None, None)),
    ],
    ids=["zoho", "organization in India", "custom", "looks like zoho", "a limit typed", "no limits wanted"],
)
def test_provider_and_usual_limits_follow_from_the_hosts(bundle, organization, typed, provider, limits):
    added = add_mailbox(bundle, organization.admin, **typed)

    assert (added["provider"], (added["hourly_limit"], added["daily_limit"])) == (provider, limits)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"poll_interval_ms": 9_999}, "poll_interval_ms"),
        ({"poll_interval_ms": 300_001}, "poll_interval_ms"),
        ({"name": "Support\r\nBcc: all@example.com"}, "name"),
        ({"name": "=HYPERLINK()"}, "name"),
        ({"reply_to": "nobody"}, "reply_to"),
        ({"hourly_limit": 0}, "hourly_limit"),
        ({"folders": []}, "folders"),
        ({"folders": ["INBOX", "inbox"]}, "folders"),
        ({"folders": ["A\nB"]}, "folders.0"),
        ({"assigned_to_user_id": "00000000-0000-0000-0000-000000000001"}, "assigned_to_user_id"),
        ({"smtp_host": "192.168.0.10"}, "smtp_host"),
        ({"imap_port": 143}, "imap_port"),
        ({"last_poll_error": ""}, "last_poll_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value),
)
def test_bad_input_is_refused_by_field_and_nothing_is_tried(bundle, organization, typed, field):
    answer = bundle.post(PATH, organization.admin, MAILBOX | typed)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)
    # Each half is judged for itself: only the one that may be dialled is.
    assert len(bundle.providers.mail_servers) == (field in ONE_HALF)
    assert bundle.get(PATH, organization.admin).data == []


def test_those_who_add_the_first_mailboxes_at_once_make_one_default(bundle, organization):
    twins = [bundle.twin() for _ in range(4)]

    def add(number: int) -> int:
        body = MAILBOX | {"email": f"box{number}@yourdomain.com"}
        return twins[number].post(PATH, organization.admin, body).status

    for twin in twins:
        patient(twin.app)
    statuses = one_after_the_other(
        bundle.database,
        [partial(add, number) for number in range(len(twins))],
        behind=ADVISORY,
        named=(f"{organization.id} email_accounts",),
    )

    for twin in twins:
        twin.close()
    assert statuses == [201] * 4
    assert sum(each["is_default"] for each in bundle.get(PATH, organization.admin).data) == 1
