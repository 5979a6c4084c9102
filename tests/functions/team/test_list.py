"""Managers see who is in the team, who has which number, and who may use what."""

from tests.support.product.fakes import a_number
from tests.support.product.stories import configure

TEAM = "/api/v1/settings/team"


def test_members_are_listed_with_numbers_and_permissions(bundle, organization):
    bundle.providers.voice.numbers[:] = [a_number("01141169368", name="Main Line")]
    configure(bundle, organization.admin, "exotel_phone")
    number = bundle.get("/api/v1/settings/phone-numbers", organization.admin).data[0]
    bundle.post(
        f"/api/v1/settings/phone-numbers/{number['id']}/assign",
        organization.admin,
        {"user_id": str(organization.agent)},
    )

    members = {member["id"]: member for member in bundle.get(TEAM, organization.manager).data}

    agent = members[str(organization.agent)]
    assert members.keys() == {str(organization.admin), str(organization.manager), str(organization.agent)}
    assert (agent["role"], agent["is_active"]) == ("agent", True)
    assert agent["phone_numbers"] == [
        {"id": number["id"], "phone_number": "01141169368", "display_name": "Main Line"}
    ]
    assert {each["integration_type"] for each in agent["permissions"]} == {
        "exotel_phone",
        "exotel_whatsapp",
        "exotel_sms",
        "zoho_mail",
    }
    assert members[str(organization.admin)]["permissions"] == []


def test_an_agent_does_not_see_the_team(bundle, organization):
    answer = bundle.get(TEAM, organization.agent)

    assert (answer.status, answer.json["error"]) == (403, "User does not have manager role")
