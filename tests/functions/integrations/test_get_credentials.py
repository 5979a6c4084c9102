"""Showing credentials: to admins only, each time with an audit entry, and never quietly often."""

import logging

import pytest

from banxway.log import get_logger
from tests.support.product.stories import BODIES, configure

PATH = "/api/v1/settings/integrations/{}/credentials"


def readings(bundle, organization):
    rows = bundle.database.rows(
        """SELECT user_id, status, integration_type FROM integration_audit_logs
           WHERE organization_id = %s AND action = 'credentials.read' ORDER BY sequence""",
        (organization.id,),
    )
    return [(row["user_id"], row["status"], row["integration_type"]) for row in rows]


@pytest.mark.parametrize("kind", BODIES)
def test_an_admin_sees_what_was_typed_in(bundle, organization, kind):
    configure(bundle, organization.admin, kind)

    answer = bundle.get(PATH.format(kind), organization.admin)

    exotel = {
        "account_sid": "your_exotel_sid",
        "api_key": "your_api_key",
        "api_token": "your_api_token",
        "region": "singapore",
    }
    wanted = {"password": "your_app_password"} if kind == "zoho_mail" else exotel
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.data == {
        "integration_type": kind,
        "credentials": wanted,
        "readings_within_an_hour": 1,
    }


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_nobody_but_an_admin_sees_them(bundle, organization, role):
    configure(bundle, organization.admin, "exotel_phone")

    answer = bundle.get(PATH.format("exotel_phone"), getattr(organization, role))

    assert (answer.status, answer.json["error"]) == (403, "User does not have admin role")
    assert "your_api" not in answer.text


def test_every_reading_is_in_the_audit_trail(bundle, organization):
    """Threat 44: a user who reads all of them leaves as many entries as readings."""
    for kind in BODIES:
        configure(bundle, organization.admin, kind)

    for kind in BODIES:
        for _ in range(3):
            assert bundle.get(PATH.format(kind), organization.admin).status == 200

    assert readings(bundle, organization) == [
        (organization.admin, "success", kind) for kind in BODIES for _ in range(3)
    ]


def test_a_reading_that_failed_is_audited_as_such(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(
        "UPDATE integration_credentials SET credentials_encrypted = 'AAAA' WHERE organization_id = %s",
        (organization.id,),
    )

    answer = bundle.get(PATH.format("exotel_phone"), organization.admin)

    assert (answer.status, answer.json["code"]) == (500, "corrupt_envelope")
    assert readings(bundle, organization) == [(organization.admin, "failed", "exotel_phone")]


def test_the_sixth_reading_within_an_hour_is_notified_once_and_logged(
    bundle, organization, monkeypatch, capsys
):
    monkeypatch.setattr(logging.getLogger("banxway"), "handlers", [get_logger().registered_handler])
    configure(bundle, organization.admin, "exotel_phone")

    def read_and_look():
        bundle.get(PATH.format("exotel_phone"), organization.admin)
        found = bundle.get("/api/v1/settings/notifications", organization.admin).data
        return [each["kind"] for each in found], "read unusually often" in capsys.readouterr().out

    seen = [read_and_look() for _ in range(7)]

    assert seen == [([], False)] * 5 + [(["credentials_read_often"], True)] * 2
    (notification,) = bundle.get("/api/v1/settings/notifications", organization.admin).data
    assert notification["subject"] == str(organization.admin)
    assert "has read credentials 6 times within an hour" in notification["sentence"]


def test_readings_of_an_hour_ago_do_not_count(bundle, organization, monkeypatch):
    configure(bundle, organization.admin, "exotel_phone")
    monkeypatch.setattr("banxway.services.integrations.readings._HOUR_S", 0)

    for _ in range(7):
        bundle.get(PATH.format("exotel_phone"), organization.admin)

    assert bundle.get("/api/v1/settings/notifications", organization.admin).data == []


def test_what_is_not_configured_has_no_credentials(bundle, organization):
    answer = bundle.get(PATH.format("exotel_sms"), organization.admin)

    assert (answer.status, answer.json["error"]) == (404, "Integration not found")
