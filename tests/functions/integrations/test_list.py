"""Listing integrations."""

from tests.support.stories import configure

PATH = "/api/v1/settings/integrations"


def test_without_any_the_list_is_empty(bundle, organization):
    assert bundle.get(PATH, organization.agent).json == {"success": True, "data": [], "count": 0}


def test_every_integration_is_listed_and_counted(bundle, organization):
    phone = configure(bundle, organization.admin, "exotel_phone")
    whatsapp = configure(bundle, organization.admin, "exotel_whatsapp")

    answer = bundle.get(PATH, organization.agent)

    assert answer.json["count"] == 2
    assert [each["id"] for each in answer.data] == [phone["id"], whatsapp["id"]]
    assert not {"credentials", "credentials_encrypted", "api_key"} & {*answer.data[0], *answer.data[1]}


def test_another_organizations_integrations_are_not_listed(bundle, organization):
    other = bundle.database.add_organization("Other")
    configure(bundle, other.admin, "exotel_phone")

    assert bundle.get(PATH, organization.admin).data == []
