"""Saving an integration: tested first, encrypted, its numbers synced."""

from banxway.errors import ProviderDenied
from tests.support.fakes import refused
from tests.support.matching import A_UUID, AN_INSTANT
from tests.support.stories import PHONE, WHATSAPP

PATH = "/api/v1/settings/integrations/{}"


def test_a_phone_integration_is_saved_verified_and_synced(bundle, organization):
    body = PHONE | {"caller_id": "01141169368", "display_name": "Main Phone Line"}

    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, body)

    assert answer.status == 200
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
            "settings": {"virtual_number": "01141169368", "caller_id": "01141169368"},
            "phone_number_count": 1,
            "created_at": AN_INSTANT,
            "updated_at": AN_INSTANT,
            "check": {"account_verified": True, "voice_enabled": True, "virtual_number_active": True},
            "sync": {"synced_numbers": 1, "new_numbers": 1, "updated_numbers": 0},
            "callback_url": None,
        },
    }


def test_the_guides_whatsapp_body_is_taken_as_it_stands(bundle, organization):
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

    assert answer.status == 200
    settings = answer.data["settings"]
    assert settings["auto_reply_message"] == "Thanks for contacting us! We'll respond shortly."
    assert settings["business_hours"]["sunday"]["closed"] is True
    assert answer.data["sync"] is None
    assert "/webhooks/exotel/whatsapp-status?reference=" in answer.data["callback_url"]


def test_no_answer_and_no_column_shows_a_credential(bundle, organization):
    saved = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)
    shown = bundle.get(PATH.format("exotel_phone"), organization.admin)

    (row,) = bundle.database.rows(
        "SELECT credentials_encrypted FROM integration_credentials WHERE organization_id = %s",
        (organization.id,),
    )
    for secret in ("your_exotel_sid", "your_api_key", "your_api_token"):
        assert secret not in saved.text + shown.text + row["credentials_encrypted"]


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


def test_types_that_cannot_be_configured_yet_are_refused_by_name(bundle, organization):
    answer = bundle.post(PATH.format("exotel_sms"), organization.admin, PHONE)

    assert answer.status == 422
    assert answer.json["error"] == "type must be one of exotel_phone, exotel_whatsapp"
    assert answer.json["details"] == {"field": "type"}
