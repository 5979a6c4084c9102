"""Numbers are renamed, and one of them is the primary one."""

import pytest

from tests.support.product.fakes import a_number
from tests.support.product.matching import A_VERSION
from tests.support.product.stories import configure

NUMBERS = "/api/v1/settings/phone-numbers"


@pytest.fixture
def numbers(bundle, organization):
    bundle.providers.voice.numbers[:] = [a_number("01141169368"), a_number("01141169369")]
    configure(bundle, organization.admin, "exotel_phone")
    return bundle.get(NUMBERS, organization.admin).data


def _change(bundle, user, number, body):
    return bundle.request("PATCH", f"{NUMBERS}/{number['id']}", user=user, body=body)


def test_a_name_that_was_given_here_survives_a_sync(bundle, organization, numbers):
    answer = _change(bundle, organization.admin, numbers[0], {"display_name": "Night line"})

    bundle.post("/api/v1/settings/integrations/exotel_phone/sync", organization.admin)

    assert answer.data == numbers[0] | {"display_name": "Night line", "version": A_VERSION}
    assert bundle.get(NUMBERS, organization.admin).data[0]["display_name"] == "Night line"


def test_another_primary_number_takes_the_place_of_the_first(bundle, organization, numbers):
    _change(bundle, organization.admin, numbers[1], {"is_primary": True})

    listed = bundle.get(NUMBERS, organization.admin).data

    assert [(each["phone_number"], each["is_primary"]) for each in listed] == [
        (numbers[1]["phone_number"], True),
        (numbers[0]["phone_number"], False),
    ]


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)"])
def test_a_formula_is_no_name(bundle, organization, numbers, name):
    answer = _change(bundle, organization.admin, numbers[0], {"display_name": name})

    assert (answer.status, answer.json["details"]["field"]) == (422, "display_name")
    assert "must not begin with" in answer.json["error"]
    assert bundle.get(NUMBERS, organization.admin).data == numbers


def test_a_change_of_nothing_is_refused(bundle, organization, numbers):
    assert _change(bundle, organization.admin, numbers[0], {}).status == 422


def test_a_number_that_is_gone_cannot_become_primary(bundle, organization, numbers):
    bundle.database.rows(
        "UPDATE organization_phone_numbers SET is_active = false WHERE id = %s", (numbers[1]["id"],)
    )

    answer = _change(bundle, organization.admin, numbers[1], {"is_primary": True})

    assert answer.status == 409
    inactive = bundle.get(NUMBERS + "?include_inactive=true", organization.admin).data[-1]
    assert (inactive["id"], inactive["is_active"], inactive["is_primary"]) == (numbers[1]["id"], False, False)
