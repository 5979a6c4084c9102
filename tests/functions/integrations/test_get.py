"""Showing one integration."""

import pytest

from tests.support.product.matching import A_UUID, A_VERSION, AN_INSTANT
from tests.support.product.stories import configure

PATH = "/api/v1/settings/integrations/{}"


def test_an_integration_is_shown_without_its_credentials(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone", display_name="Main Phone Line")

    answer = bundle.get(PATH.format("exotel_phone"), organization.agent)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
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
            "callback_url": None,
            "credentials_changed_at": AN_INSTANT,
            "credentials_expire_on": None,
            "version": A_VERSION,
            "inbound_last_proven_at": None,
            "source": "database",
            "settings": {"region": "singapore", "virtual_number": "01141169368"},
            "phone_number_count": 1,
            "hours_now": None,
            "created_at": AN_INSTANT,
            "updated_at": AN_INSTANT,
        },
    }


@pytest.mark.parametrize(
    ("kind", "path"), [("exotel_phone", "call-status"), ("exotel_whatsapp", "whatsapp-status")]
)
def test_an_admin_reads_the_callback_url_again_and_nobody_else_does(bundle, organization, kind, path):
    saved = configure(bundle, organization.admin, kind)

    by_role = {
        role: bundle.get(PATH.format(kind), getattr(organization, role)).data["callback_url"]
        for role in ("admin", "manager", "agent")
    }
    (listed,) = bundle.get("/api/v1/settings/integrations", organization.admin).data

    assert f"/api/v1/webhooks/exotel/{path}?reference=" in saved["callback_url"]
    assert by_role == {"admin": saved["callback_url"], "manager": None, "agent": None}
    assert listed["callback_url"] == saved["callback_url"]


def test_a_deployment_that_cannot_sign_still_shows_its_integrations(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    unsigned = bundle.twin(webhook_secret=None)

    answer = unsigned.get(PATH.format("exotel_phone"), organization.admin)
    unsigned.close()

    assert (answer.status, answer.data["callback_url"]) == (200, None)


@pytest.mark.parametrize(
    ("columns", "badge"),
    [("is_active = false", "Inactive"), ("is_verified = false", "Unverified")],
    ids=["inactive", "unverified"],
)
def test_the_badge_says_what_is_wrong(bundle, organization, columns, badge):
    saved = configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(f"UPDATE integration_credentials SET {columns} WHERE id = %s", (saved["id"],))

    assert bundle.get(PATH.format("exotel_phone"), organization.agent).data["status"] == badge


@pytest.mark.parametrize("kind", ["exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail"])
def test_what_is_not_configured_is_not_found(bundle, organization, kind):
    answer = bundle.get(PATH.format(kind), organization.agent)

    assert answer.status == 404
    assert answer.json["error"] == "Integration not found"
    assert answer.json["code"] == "not_found"


def test_an_unknown_type_is_refused_by_name(bundle, organization):
    answer = bundle.get(PATH.format("carrier_pigeon"), organization.agent)

    assert answer.status == 422
    assert answer.json["error"] == "type must be exotel_phone, exotel_sms, exotel_whatsapp or zoho_mail"
    assert answer.json["details"] == {"field": "type"}


@pytest.mark.parametrize(
    ("hours", "is_open"),
    [({"enabled": False}, True), ({"enabled": True}, False)],
    ids=["always open", "no weekday"],
)
def test_an_integration_says_whether_its_business_hours_are_open(bundle, organization, hours, is_open):
    configure(
        bundle, organization.admin, "exotel_whatsapp", business_hours={"timezone": "Asia/Kolkata", **hours}
    )

    shown = bundle.get(PATH.format("exotel_whatsapp"), organization.agent).data
    (listed,) = bundle.get("/api/v1/settings/integrations", organization.agent).data

    assert shown["hours_now"] == {
        "is_open": is_open,
        "until": None,
        "timezone": "Asia/Kolkata",
        "zone": "IST",
    }
    assert listed["hours_now"] == shown["hours_now"]
