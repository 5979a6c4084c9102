"""A number belongs to a member or to nobody."""

import pytest

from tests.support.product.fakes import a_number
from tests.support.product.matching import A_VERSION
from tests.support.product.stories import configure

NUMBERS = "/api/v1/settings/phone-numbers"


@pytest.fixture
def number(bundle, organization):
    bundle.providers.voice.numbers[:] = [a_number("01141169368", name="Main Line")]
    configure(bundle, organization.admin, "exotel_phone")
    return bundle.get(NUMBERS, organization.admin).data[0]


def test_a_manager_assigns_a_number_to_a_member_and_to_nobody(bundle, organization, number):
    path = f"{NUMBERS}/{number['id']}/assign"

    assigned = bundle.post(path, organization.manager, {"user_id": str(organization.agent)})
    unassigned = bundle.post(path, organization.manager, {"user_id": None})

    assert assigned.data == number | {
        "assigned_to_user_id": str(organization.agent),
        "assigned_to_user_name": "",
        "version": A_VERSION,
    }
    assert unassigned.data == number


def test_a_user_of_another_organization_gets_no_number(bundle, organization, number):
    stranger = bundle.database.add_organization("Other").agent

    answer = bundle.post(f"{NUMBERS}/{number['id']}/assign", organization.admin, {"user_id": str(stranger)})

    assert (answer.status, answer.json["details"]["field"]) == (422, "user_id")
    assert bundle.get(NUMBERS, organization.admin).data == [number]


def test_a_deactivated_member_gets_no_number(bundle, organization, number):
    bundle.database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.agent,))

    answer = bundle.post(
        f"{NUMBERS}/{number['id']}/assign", organization.admin, {"user_id": str(organization.agent)}
    )

    assert (answer.status, answer.json["details"]["field"]) == (422, "user_id")


def test_a_number_that_is_gone_at_the_provider_is_assigned_to_nobody(bundle, organization, number):
    bundle.database.rows(
        "UPDATE organization_phone_numbers SET is_active = false WHERE id = %s", (number["id"],)
    )

    answer = bundle.post(
        f"{NUMBERS}/{number['id']}/assign", organization.admin, {"user_id": str(organization.agent)}
    )

    assert answer.status == 409
    assert "sync the numbers" in answer.json["error"]


def test_an_assignment_is_audited_with_before_and_after(bundle, organization, number):
    bundle.post(f"{NUMBERS}/{number['id']}/assign", organization.admin, {"user_id": str(organization.agent)})

    entry = bundle.get("/api/v1/settings/audit-logs?action=phone_number.assign", organization.admin).data[0]

    assert entry["details"]["before"] == {"assigned_to_user_id": None}
    assert entry["details"]["after"] == {"assigned_to_user_id": str(organization.agent)}
