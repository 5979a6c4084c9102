"""Removing a mail template."""

from uuid import uuid4

PATH = "/api/v1/settings/email-templates"


def delete(bundle, user, template_id):
    return bundle.request("DELETE", f"{PATH}/{template_id}", user=user)


def test_a_template_is_removed_and_its_name_is_free(bundle, organization, add_template):
    added = add_template()

    answer = delete(bundle, organization.manager, added["id"])

    assert answer.json == {"success": True, "message": "Email template removed", "data": None}
    assert bundle.get(PATH, organization.agent).data == []
    assert add_template()["name"] == added["name"]


def test_removing_is_audited(bundle, organization, add_template):
    added = add_template()
    delete(bundle, organization.manager, added["id"])

    (entry,) = bundle.get("/api/v1/settings/audit-logs?action=email_template.delete", organization.admin).data
    assert (entry["details"]["template_id"], entry["details"]["name"]) == (added["id"], added["name"])


def test_what_is_not_there_or_somebody_elses_is_not_found(bundle, organization, add_template):
    added = add_template()
    stranger = bundle.database.add_organization("Other")

    assert delete(bundle, organization.manager, uuid4()).status == 404
    assert delete(bundle, stranger.manager, added["id"]).status == 404
    assert bundle.get(PATH, organization.agent).data == [added]
