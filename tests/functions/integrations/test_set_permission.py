"""Managers and agents use an integration only with permission, and only so often a day."""

import pytest

from tests.support.product.matching import A_VERSION

PERMISSIONS = "/api/v1/settings/integrations/exotel_whatsapp/permissions"


def test_a_grant_is_answered_and_listed(bundle, organization):
    grant = {"user_id": str(organization.agent), "can_view": True, "can_use": True, "daily_limit": 5}

    answer = bundle.post(PERMISSIONS, organization.admin, grant)

    granted = grant | {"integration_type": "exotel_whatsapp"}
    assert answer.data == granted | {"version": A_VERSION}
    assert granted in [
        {name: row[name] for name in granted} for row in bundle.get(PERMISSIONS, organization.admin).data
    ]


def test_a_permission_for_an_unknown_user_is_refused(bundle, organization):
    stranger = bundle.database.add_organization("Other").agent

    answer = bundle.post(PERMISSIONS, organization.admin, {"user_id": str(stranger), "can_use": True})

    assert (answer.status, answer.json["details"]["field"]) == (422, "user_id")


@pytest.mark.parametrize("daily_limit", [-1, 1.5, "many", False, "5", 10**400])
def test_a_limit_must_be_a_count(bundle, organization, daily_limit):
    body = {"user_id": str(organization.agent), "can_use": True, "daily_limit": daily_limit}

    answer = bundle.post(PERMISSIONS, organization.admin, body)

    assert (answer.status, answer.json["details"]["field"]) == (422, "daily_limit")


def test_a_grant_is_audited_with_before_and_after(bundle, organization):
    bundle.post(PERMISSIONS, organization.admin, {"user_id": str(organization.agent), "can_use": False})

    entry = bundle.get("/api/v1/settings/audit-logs?action=permission.set", organization.admin).data[0]

    assert entry["details"]["before"]["can_use"] is True
    assert entry["details"]["after"]["can_use"] is False


@pytest.mark.parametrize("field", ["can_view", "can_use"])
@pytest.mark.parametrize("value", ["yes", "off", 1, None])
def test_a_permission_is_true_or_false(bundle, organization, field, value):
    body = {"user_id": str(organization.agent), "can_use": True} | {field: value}

    answer = bundle.post(PERMISSIONS, organization.admin, body)

    assert (answer.status, answer.json["error"]) == (422, f"{field} must be true or false")
