"""Everybody sees the organization that they belong to, and no other."""

PATH = "/api/v1/settings/organization"


def test_a_member_sees_their_own_organization(bundle):
    one, other = (bundle.database.add_organization(name) for name in ("One", "Other"))

    for organization, name in ((one, "One"), (other, "Other")):
        shown = bundle.get(PATH, organization.agent).data
        assert (shown["id"], shown["name"]) == (str(organization.id), name)
