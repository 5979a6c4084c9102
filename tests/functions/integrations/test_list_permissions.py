"""Who may see and use an integration."""

PERMISSIONS = "/api/v1/settings/integrations/zoho_mail/permissions"


def test_grants_of_one_integration_are_listed(bundle, organization):
    answer = bundle.get(PERMISSIONS, organization.admin)

    assert answer.json["count"] == 2
    assert {row["user_id"] for row in answer.data} == {str(organization.manager), str(organization.agent)}
    assert {row["integration_type"] for row in answer.data} == {"zoho_mail"}


def test_an_unknown_type_is_refused_by_name(bundle, organization):
    answer = bundle.get("/api/v1/settings/integrations/fax/permissions", organization.admin)

    assert (answer.status, answer.json["details"]["field"]) == (422, "type")


def test_grants_of_another_organization_are_not_listed(bundle, organization):
    other = bundle.database.add_organization("Other")

    listed = {row["user_id"] for row in bundle.get(PERMISSIONS, organization.admin).data}

    assert not listed & {str(other.agent), str(other.manager)}
