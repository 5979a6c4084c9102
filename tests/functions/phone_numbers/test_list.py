"""The guide's Test 8: the organization's phone numbers."""

from tests.support.product.fakes import a_number
from tests.support.product.matching import A_UUID, A_VERSION, AN_INSTANT
from tests.support.product.stories import configure

PATH = "/api/v1/settings/phone-numbers"


def test_numbers_are_listed_as_the_guide_says(bundle, organization):
    bundle.providers.voice.numbers[:] = [a_number("01141169368", name="Main Line")]
    configure(bundle, organization.admin, "exotel_phone")

    answer = bundle.get(PATH, organization.agent)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": [
            {
                "id": A_UUID,
                "phone_number": "01141169368",
                "display_name": "Main Line",
                "number_type": "virtual",
                "can_call": True,
                "can_sms": True,
                "is_active": True,
                "is_primary": True,
                "assigned_to_user_id": None,
                "assigned_to_user_name": None,
                "version": A_VERSION,
                "created_at": AN_INSTANT,
            }
        ],
        "count": 1,
        "next_cursor": None,
    }


def test_exactly_one_number_is_primary_and_comes_first(bundle, organization):
    numbers = ["01141169360", "01141169368", "01141169369"]
    bundle.providers.voice.numbers[:] = [a_number(number) for number in numbers]
    configure(bundle, organization.admin, "exotel_phone")

    listed = bundle.get(PATH, organization.agent).data

    assert [each["phone_number"] for each in listed] == ["01141169368", "01141169360", "01141169369"]
    assert [each["is_primary"] for each in listed] == [True, False, False]


def test_without_numbers_the_list_is_empty(bundle, organization):
    assert bundle.get(PATH, organization.agent).json == {
        "success": True,
        "data": [],
        "count": 0,
        "next_cursor": None,
    }
