"""A telephone is its owner's only as far as the sign-in service has verified it."""

import pytest

from tests.support.product.app import token
from tests.support.product.joining import ME, TEAM, audited

NUMBER = "+919876543210"


def _confirm(bundle, user, *, number=NUMBER, **claims):
    header = {"authorization": f"Bearer {token(user, **claims)}"}
    return bundle.request("PUT", f"{ME}/phone-number", body={"phone_number": number}, headers=header)


@pytest.mark.parametrize("is_verified", [True, "true"])
def test_a_verified_number_is_the_owners(bundle, organization, is_verified):
    answer = _confirm(bundle, organization.agent, phone_number=NUMBER, phone_number_verified=is_verified)

    assert (answer.data["phone_number"], answer.data["phone_number_source"]) == (NUMBER, "owner")
    assert audited(bundle, organization.id) == ["member.confirm_phone_number"]


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"phone_number": NUMBER},
        {"phone_number": NUMBER, "phone_number_verified": False},
        {"phone_number": NUMBER, "phone_number_verified": 1},
        {"phone_number": "+919876543211", "phone_number_verified": True},
        {"phone_number": 7, "phone_number_verified": True},
    ],
    ids=str,
)
def test_any_other_number_is_refused_with_what_to_do(bundle, organization, claims):
    answer = _confirm(bundle, organization.agent, **claims)

    assert (answer.status, answer.json["details"]) == (
        422,
        {"field": "phone_number", "reason": "number_not_proven"},
    )
    assert "verify it with the sign-in service" in answer.json["error"]
    assert bundle.get(ME, organization.agent).data["phone_number"] is None


def test_a_number_is_one_members(bundle, organization):
    _confirm(bundle, organization.manager, phone_number=NUMBER, phone_number_verified=True)

    answer = _confirm(bundle, organization.agent, phone_number=NUMBER, phone_number_verified=True)

    assert (answer.status, answer.json["details"]) == (409, {"field": "phone_number"})
    assert bundle.get(ME, organization.agent).data["phone_number"] is None


def test_an_admin_enters_and_removes_a_number_and_never_in_the_owners_name(bundle, organization):
    _confirm(bundle, organization.agent, phone_number=NUMBER, phone_number_verified=True)

    def change(**body):
        path = f"{TEAM}/{organization.agent}"
        member = bundle.request("PATCH", path, user=organization.admin, body=body).data
        return member["phone_number"], member["phone_number_source"]

    assert change(name="Anita") == (NUMBER, "owner")
    assert change(phone_number=NUMBER) == (NUMBER, "owner")
    assert change(phone_number="+918047100100") == ("+918047100100", "admin")
    assert change(phone_number=None) == (None, None)
