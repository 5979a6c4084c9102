"""Saving an integration: tested first, encrypted, its numbers synced."""

import pytest

from banxway.errors import ProviderDenied, ProviderRejected
from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.services.status.diagnosis.catalogue import CAUSES
from banxway.storage.email_accounts import AccountRow
from tests.support.databases.tables import everything_in
from tests.support.product.fakes import refused
from tests.support.product.matching import A_UUID, A_VERSION, AN_INSTANT
from tests.support.product.stories import PHONE, SMS, SUPPORT, WHATSAPP, ZOHO, add_mailbox
from tests.support.product.traces import traces_of

PATH = "/api/v1/settings/integrations/{}"


def test_a_phone_integration_is_saved_verified_and_synced(bundle, organization):
    body = PHONE | {"caller_id": "01141169368", "display_name": "Main Phone Line"}

    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, body)

    assert answer.status == 201
    callback_url = answer.data.pop("callback_url")
    assert callback_url.startswith("https://api.test/api/v1/webhooks/exotel/call-status?reference=")
    assert {**answer.json, "data": {**answer.data, "callback_url": None}} == {
        "success": True,
        "message": "Integration configured",
        "data": {
            "id": A_UUID,
            "integration_type": "exotel_phone",
            "display_name": "Main Phone Line",
            "status": "Active",
            "is_active": True,
            "is_verified": True,
            "last_verified_at": AN_INSTANT,
            "unverified_because": None,
            "needs_attention": False,
            "credentials_changed_at": AN_INSTANT,
            "credentials_expire_on": None,
            "version": A_VERSION,
            "inbound_last_proven_at": None,
            "source": "database",
            "settings": {
                "region": "singapore",
                "virtual_number": "01141169368",
                "caller_id": "01141169368",
            },
            "phone_number_count": 1,
            "hours_now": None,
            "created_at": AN_INSTANT,
            "updated_at": AN_INSTANT,
            "check": {"account_verified": True, "voice_enabled": True, "virtual_number_active": True},
            "sync": {"synced_numbers": 1, "new_numbers": 1, "updated_numbers": 0},
            "callback_url": None,
            "notes": [],
        },
    }


def test_the_guides_whatsapp_body_is_accepted_unchanged(bundle, organization):
    hours = {"start": "09:00", "end": "18:00"}
    body = WHATSAPP | {
        "auto_reply_enabled": True,
        "auto_reply_message": "Thanks for contacting us! We'll respond shortly.",
        "business_hours": {
            "enabled": True,
            "timezone": "Asia/Kolkata",
            "monday": hours,
            "tuesday": hours,
            "wednesday": hours,
            "thursday": hours,
            "friday": hours,
            "saturday": {"start": "10:00", "end": "14:00"},
            "sunday": {"closed": True},
        },
    }

    answer = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, body)

    assert answer.status == 201
    settings = answer.data["settings"]
    assert settings["auto_reply_message"] == "Thanks for contacting us! We'll respond shortly."
    assert list(settings["business_hours"].items()) == list(body["business_hours"].items())
    shown = bundle.get(PATH.format("exotel_whatsapp"), organization.agent).data["settings"]
    assert list(shown["business_hours"].items()) == list(body["business_hours"].items())
    (note,) = answer.data["notes"]
    assert note.startswith("auto_reply_enabled, auto_reply_message: stored, but no automatic reply is sent")
    assert answer.data["sync"] is None
    assert "/webhooks/exotel/whatsapp-status?reference=" in answer.data["callback_url"]


def test_no_answer_and_no_column_shows_a_credential(bundle, organization):
    saved = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)
    shown = bundle.get(PATH.format("exotel_phone"), organization.admin)

    stored = "\n".join(line for _, line in everything_in(bundle.database))
    assert str(organization.id) in stored
    for secret in ("your_exotel_sid", "your_api_key", "your_api_token"):
        assert traces_of(secret, "\n".join((saved.text, shown.text, stored))) == []


def test_what_the_provider_refuses_is_not_saved_and_the_former_credentials_stay(bundle, organization):
    bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)
    select = "SELECT * FROM integration_credentials WHERE organization_id = %s"
    before = bundle.database.rows(select, (organization.id,))
    bundle.providers.voice.checking.then(
        refused(ProviderDenied, "Invalid credentials", provider_status=401, provider_message="No")
    )

    answer = bundle.post(
        PATH.format("exotel_phone"), organization.admin, PHONE | {"api_token": "another_token"}
    )

    assert (answer.status, answer.json["error"]) == (422, "Invalid credentials")
    assert bundle.database.rows(select, (organization.id,)) == before


def test_a_secret_that_is_left_out_stays_as_it_is_stored(bundle, organization):
    bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)

    answer = bundle.post(
        PATH.format("exotel_phone"),
        organization.admin,
        {"virtual_number": "01141169368", "display_name": "Renamed", "api_token": "the_next_token"},
    )

    assert (answer.status, answer.data["display_name"]) == (200, "Renamed")
    account = bundle.providers.exotel_accounts[-1]
    assert (account.account_sid, account.api_key, account.api_token) == (
        "your_exotel_sid",
        "your_api_key",
        "the_next_token",
    )
    revealed = bundle.get(PATH.format("exotel_phone") + "/credentials", organization.admin).data[
        "credentials"
    ]
    assert (revealed["api_key"], revealed["api_token"]) == ("your_api_key", "the_next_token")


@pytest.mark.parametrize("name", ["account_sid", "api_key", "api_token"])
@pytest.mark.parametrize("suffix", ["", "/test"], ids=["save", "test"])
def test_a_secret_that_is_not_stored_is_required(bundle, organization, name, suffix):
    body = {field: value for field, value in PHONE.items() if field != name}
    bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP)

    answer = bundle.post(PATH.format("exotel_phone") + suffix, organization.admin, body)

    assert (answer.status, answer.json["error"]) == (422, f"{name} is required")
    assert answer.json["details"] == {"field": name}
    assert bundle.providers.voice.checked == []


def test_a_stored_mail_password_is_never_sent_to_a_host_that_was_just_typed(bundle, organization):
    bundle.post(PATH.format("zoho_mail"), organization.admin, ZOHO)

    answer = bundle.post(
        PATH.format("zoho_mail") + "/test",
        organization.admin,
        {"email": SUPPORT, "smtp_host": "mail.example"},
    )

    assert (answer.status, answer.json["error"]) == (422, "password is required")
    assert "mail.example" not in [server.host for server in bundle.providers.mail_servers]


def test_the_away_message_is_stored_beside_the_welcome(bundle, organization):
    answer = bundle.post(
        PATH.format("exotel_whatsapp"),
        organization.admin,
        WHATSAPP | {"auto_reply_message": "Welcome", "away_message": "We are away"},
    )

    assert answer.data["settings"]["away_message"] == "We are away"
    (note,) = answer.data["notes"]
    assert note.startswith("auto_reply_enabled, auto_reply_message, away_message: stored, but no automatic")


def test_saving_again_replaces_the_one_of_its_type(bundle, organization):
    first = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)
    second = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE | {"display_name": "Renamed"})

    listed = bundle.get("/api/v1/settings/integrations", organization.agent)
    assert second.data["id"] == first.data["id"]
    assert second.data["sync"] == {"synced_numbers": 1, "new_numbers": 0, "updated_numbers": 1}
    assert [each["display_name"] for each in listed.data] == ["Renamed"]


def test_saving_is_audited_with_what_changed_and_no_secret(bundle, organization):
    bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP)
    bundle.post(
        PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP | {"business_name": "Another Name"}
    )

    newest, first = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert {newest["action"], first["action"]} == {"integration.configure"}
    assert first["details"]["before"] is None
    assert newest["details"]["before"]["business_name"] == "Your Company Name"
    assert newest["details"]["after"]["business_name"] == "Another Name"
    assert "your_api" not in str(newest) + str(first)


def test_an_unknown_type_is_refused_by_name(bundle, organization):
    answer = bundle.post(PATH.format("carrier_pigeon"), organization.admin, PHONE)

    assert answer.status == 422
    assert answer.json["error"] == "type must be exotel_phone, exotel_sms, exotel_whatsapp or zoho_mail"
    assert answer.json["details"] == {"field": "type"}


def test_an_sms_integration_is_saved_without_a_callback_url(bundle, organization):
    answer = bundle.post(
        PATH.format("exotel_sms"), organization.admin, SMS | {"dlt_entity_id": "1101234567890123456"}
    )

    assert (answer.status, answer.data["callback_url"], answer.data["sync"]) == (201, None, None)
    assert answer.data["check"] == {
        "account_verified": True,
        "sms_enabled": True,
        "sms_number_active": True,
    }
    assert answer.data["settings"] == {
        "region": "singapore",
        "sms_number": "01141169368",
        "dlt_entity_id": "1101234567890123456",
    }


# ── mail ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("where", "hosts"),
    [
        ({}, ("smtp.zoho.com", "imap.zoho.com")),
        ({"data_center": "in"}, ("smtp.zoho.in", "imap.zoho.in")),
        (
            {"data_center": "eu", "account_kind": "organization"},
            ("smtppro.zoho.eu", "imappro.zoho.eu"),
        ),
        ({"smtp_host": "mail.example", "imap_host": "mail.example"}, ("mail.example", "mail.example")),
    ],
    ids=["default", "india", "organization", "written out"],
)
def test_a_zoho_mailbox_is_reached_where_its_account_lives(bundle, organization, where, hosts):
    answer = bundle.post(PATH.format("zoho_mail"), organization.admin, ZOHO | where)

    (mailbox,) = bundle.get("/api/v1/settings/email-accounts", organization.agent).data
    assert answer.status == 201, answer.text
    assert (answer.data["settings"]["smtp_host"], answer.data["settings"]["imap_host"]) == hosts
    assert (mailbox["smtp_host"], mailbox["imap_host"]) == hosts
    assert [server.host for server in bundle.providers.mail_servers] == list(hosts)


def test_a_zoho_integration_and_its_mailbox_are_two_views_of_one(bundle, organization):
    add_mailbox(bundle, organization.admin, poll_interval_ms=60000)

    bundle.post(
        PATH.format("zoho_mail"),
        organization.admin,
        ZOHO | {"account_name": "Renamed", "data_center": "in", "password": "your_next_password"},
    )

    (mailbox,) = bundle.get("/api/v1/settings/email-accounts", organization.agent).data
    assert (mailbox["name"], mailbox["smtp_host"], mailbox["is_default"]) == ("Renamed", "smtp.zoho.in", True)
    (row,) = bundle.database.rows(
        "SELECT * FROM email_accounts WHERE organization_id = %s", (organization.id,)
    )
    credentials, account = bundle.app.integrations.credentials, AccountRow(**row)
    smtp, imap = credentials.open_smtp(account), credentials.open_imap(account)
    assert (smtp.password, imap.password) == ("your_next_password", "your_next_password")
    assert row["poll_interval_ms"] == 60000


def test_a_mailbox_that_does_not_work_is_not_saved(bundle, organization):
    bundle.providers.mail_sender.checking.then(
        SmtpCheck(
            success=False, host="smtp.zoho.com", port=587, secure=False, error="535 Authentication Failed"
        )
    )

    answer = bundle.post(PATH.format("zoho_mail"), organization.admin, ZOHO)

    assert (answer.status, answer.json["code"]) == (422, "mailbox_check_failed")
    assert answer.json["details"]["check"]["smtp"]["error"] == "535 Authentication Failed"
    assert answer.json["error"] == "SMTP did not work"
    assert bundle.get("/api/v1/settings/email-accounts", organization.admin).data == []


# ── regions ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("region", "address"),
    [("singapore", "https://api.exotel.com"), ("mumbai", "https://api.in.exotel.com")],
)
def test_an_account_is_asked_in_its_own_region(bundle, organization, region, address):
    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE | {"region": region})
    bundle.post(PATH.format("exotel_phone") + "/sync", organization.admin)

    assert answer.data["settings"]["region"] == region
    assert {account.base_url for account in bundle.providers.exotel_accounts} == {address}


def test_a_region_that_does_not_exist_is_refused_by_name(bundle, organization):
    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE | {"region": "atlantis"})

    assert (answer.status, answer.json["details"]) == (422, {"field": "region"})
    assert answer.json["error"] == "region must be singapore or mumbai"


@pytest.mark.parametrize("status", [401, 404])
@pytest.mark.parametrize(("typed", "home"), [("singapore", "mumbai"), ("mumbai", "singapore")])
def test_a_wrong_region_is_recognised_by_trying_the_other_and_said(bundle, organization, status, typed, home):
    kind = ProviderDenied if status == 401 else ProviderRejected
    bundle.providers.voice.checking.then(refused(kind, "Invalid credentials", provider_status=status))
    bundle.providers.voice.knowing.then(True)

    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE | {"region": typed})

    assert (answer.status, answer.json["code"]) == (422, "wrong_region")
    assert answer.json["error"] == f"This account is in the {home.title()} region: set region to {home}"
    wrong = CAUSES["exotel_wrong_region"]
    assert answer.json["details"] == {
        "field": "region",
        "status_code": status,
        "reason": "wrong_region",
        "cause": wrong.cause,
        "fix": wrong.fix,
    }
    assert [account.base_url for account in bundle.providers.exotel_accounts][-1] == {
        "singapore": "https://api.exotel.com",
        "mumbai": "https://api.in.exotel.com",
    }[home]


def test_credentials_that_no_region_knows_are_invalid_everywhere(bundle, organization):
    bundle.providers.whatsapp.checking.then(
        refused(ProviderDenied, "Invalid credentials", provider_status=401)
    )

    answer = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP)

    assert (answer.json["error"], answer.json["code"]) == ("Invalid credentials", "provider_denied")


def test_a_simulated_exotel_never_leads_to_the_real_one(bundle, organization):
    simulated = bundle.twin(exotel_api_url="http://127.0.0.1:9")
    bundle.providers.voice.checking.then(refused(ProviderDenied, "Invalid credentials", provider_status=401))
    bundle.providers.voice.knowing.then(True)

    answer = simulated.post(PATH.format("exotel_phone"), organization.admin, PHONE)
    simulated.close()

    assert answer.json["code"] == "provider_denied"
    assert {account.base_url for account in bundle.providers.exotel_accounts} == {"http://127.0.0.1:9"}


# ── what pasting leaves ──────────────────────────────────────────────────────────────────────


def test_stray_spaces_around_a_credential_are_removed_and_said(bundle, organization):
    pasted = PHONE | {"api_key": " your_api_key\n", "api_token": "\tyour_api_token"}

    tested = bundle.post(PATH.format("exotel_phone") + "/test", organization.admin, pasted)
    saved = bundle.post(PATH.format("exotel_phone"), organization.admin, pasted)

    notes = ["api_key: surrounding spaces were removed", "api_token: surrounding spaces were removed"]
    assert tested.data["notes"] == saved.data["notes"] == notes
    assert {(a.api_key, a.api_token) for a in bundle.providers.exotel_accounts} == {
        ("your_api_key", "your_api_token")
    }


@pytest.mark.parametrize("name", ["account_sid", "api_key", "api_token", "display_name"])
def test_a_line_break_inside_a_value_is_refused_by_name(bundle, organization, name):
    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE | {name: "one\ntwo"})

    assert (answer.status, answer.json["details"]) == (422, {"field": name})
    assert "one" not in answer.text


# ── force ────────────────────────────────────────────────────────────────────────────────────


def test_force_saves_what_does_not_work_unverified_and_audits_why(bundle, organization):
    bundle.providers.voice.checking.then(
        refused(ProviderDenied, "Account inactive", provider_status=403, provider_message="Suspended")
    )

    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE | {"force": True})

    (entry,) = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert (answer.status, answer.data["status"], answer.data["is_verified"]) == (201, "Unverified", False)
    assert (answer.data["check"], answer.data["last_verified_at"]) == (None, None)
    assert answer.data["notes"] == ["Saved although the test failed: Account inactive"]
    assert answer.data["unverified_because"] == "It was saved although its test failed: Account inactive"
    assert entry["action"] == "integration.force"
    assert entry["details"]["failure"]["error"] == "Account inactive"
    assert entry["details"]["after"]["api_token"] == "***"


def test_force_saves_a_mailbox_that_does_not_work_unverified(bundle, organization):
    bundle.providers.mailbox(SUPPORT).checking.then(
        ImapCheck(success=False, host="imap.zoho.com", port=993, secure=True, error="IMAP is switched off")
    )

    answer = bundle.post(PATH.format("zoho_mail"), organization.admin, ZOHO | {"force": True})

    (mailbox,) = bundle.get("/api/v1/settings/email-accounts", organization.admin).data
    assert (answer.data["status"], mailbox["is_verified"]) == ("Unverified", False)


def test_force_on_what_works_is_an_ordinary_save(bundle, organization):
    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE | {"force": True})

    (entry,) = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert (answer.data["is_verified"], entry["action"]) == (True, "integration.configure")


# ── WhatsApp's rating and limit ──────────────────────────────────────────────────────────────


def test_rating_and_limit_are_unknown_until_an_admin_enters_them(bundle, organization):
    plain = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP).data
    entered_by_hand = {"quality_rating": "GREEN", "messaging_limit": "TIER_3"}
    entered = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP | entered_by_hand).data

    for found, wanted in ((plain, dict.fromkeys(entered_by_hand, "unknown")), (entered, entered_by_hand)):
        assert found["settings"] | wanted == found["settings"]
        assert found["check"] | wanted == found["check"]


@pytest.mark.parametrize(
    ("field", "value"), [("quality_rating", "BLUE"), ("messaging_limit", "TIER_9")], ids=["rating", "limit"]
)
def test_a_rating_or_limit_that_whatsapp_does_not_know_is_refused(bundle, organization, field, value):
    answer = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP | {field: value})

    assert (answer.status, answer.json["details"]) == (422, {"field": field})


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({"monday": {"start": "18:00", "end": "09:00"}}, "business_hours.monday.end"),
        ({"monday": {"start": "09:00"}}, "business_hours.monday.end"),
        ({"monday": {"start": 32400, "end": "18:00"}}, "business_hours.monday.start"),
        ({"monday": {"start": "9", "end": "18:00"}}, "business_hours.monday.start"),
        ({"monday": {"closed": "f"}}, "business_hours.monday.closed"),
        ({"timezone": "Asia/Atlantis"}, "business_hours.timezone"),
    ],
    ids=["end before start", "no end", "seconds", "no minutes", "no flag", "unknown timezone"],
)
def test_business_hours_that_make_no_sense_are_refused_by_name(bundle, organization, hours, field):
    body = WHATSAPP | {"business_hours": hours}

    answer = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, body)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})
    assert bundle.get("/api/v1/settings/integrations", organization.admin).data == []


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@SUM(A1)"])
def test_a_formula_is_no_display_name(bundle, organization, name):
    """Names end in exports, and a spreadsheet would run it."""
    answer = bundle.post(
        "/api/v1/settings/integrations/exotel_phone", organization.admin, PHONE | {"display_name": name}
    )

    assert (answer.status, answer.json["details"]) == (422, {"field": "display_name"})
    assert bundle.get("/api/v1/settings/integrations", organization.admin).data == []
