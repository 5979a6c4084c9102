"""An admin renames their own organization."""

import pytest

from tests.support.product.joining import audited

PATH = "/api/v1/settings/organization"


def _rename(bundle, user, name):
    return bundle.request("PATCH", PATH, user=user, body={"name": name})


def test_an_admin_renames_their_organization_alone(bundle, organization):
    other = bundle.database.add_organization("Other")

    answer = _rename(bundle, organization.admin, " Asha Traders ")

    assert answer.data["name"] == bundle.get(PATH, organization.agent).data["name"] == "Asha Traders"
    assert bundle.get(PATH, other.agent).data["name"] == "Other"
    assert audited(bundle, organization.id) == ["organization.update"]


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_nobody_else_renames_it(bundle, organization, role):
    assert _rename(bundle, getattr(organization, role), "Mine").status == 403


@pytest.mark.parametrize("name", ["", " ", "=1+1", "a" * 201, "two\nlines", None, 7], ids=str)
def test_what_is_no_name_is_refused(bundle, organization, name):
    answer = _rename(bundle, organization.admin, name)

    assert (answer.status, answer.json["details"]["field"]) == (422, "name")
