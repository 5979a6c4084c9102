"""Listing mail templates."""

PATH = "/api/v1/settings/email-templates"


def test_templates_are_listed_by_name_and_counted(bundle, organization, add_template):
    later, earlier = add_template(), add_template(name="Arrived")

    answer = bundle.get(PATH, organization.agent)

    assert answer.json == {"success": True, "data": [earlier, later], "count": 2, "next_cursor": None}


def test_another_organizations_templates_are_not_listed(bundle, organization, add_template):
    add_template()
    stranger = bundle.database.add_organization("Other")

    assert bundle.get(PATH, stranger.agent).data == []
