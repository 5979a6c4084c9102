"""Who may see and use an integration."""

from tests.support.product.matching import AN_INSTANT
from tests.support.product.stories import mail_arrived

PERMISSIONS = "/api/v1/settings/integrations/zoho_mail/permissions"


def test_grants_of_one_integration_are_listed(bundle, organization):
    answer = bundle.get(PERMISSIONS, organization.admin)

    assert answer.json["count"] == 2
    assert {row["user_id"] for row in answer.data} == {str(organization.manager), str(organization.agent)}
    assert {row["integration_type"] for row in answer.data} == {"zoho_mail"}


def test_what_was_made_of_a_permission_stands_beside_it(bundle, organization):
    thread = mail_arrived(bundle, organization)
    content = {"channel": "EMAIL", "to": "test@example.com", "subject": "Hello", "content_text": "Hello"}
    for _ in range(2):
        bundle.post(f"/api/v1/communications/threads/{thread}/messages", organization.agent, content)
    bundle.database.rows(
        "UPDATE messages SET created_at = now() - interval '2 days' WHERE id = (SELECT id FROM messages "
        "WHERE created_by = %s LIMIT 1)",
        (organization.agent,),
    )
    bundle.post(f"/api/v1/communications/threads/{thread}/messages", organization.agent, content)

    by_user = {row["user_id"]: row for row in bundle.get(PERMISSIONS, organization.admin).data}

    names = ("used_in_30_days", "most_in_a_day", "last_used_at")
    assert [by_user[str(organization.agent)][name] for name in names] == [3, 2, AN_INSTANT]
    assert [by_user[str(organization.manager)][name] for name in names] == [0, 0, None]


def test_an_unknown_type_is_refused_by_name(bundle, organization):
    answer = bundle.get("/api/v1/settings/integrations/fax/permissions", organization.admin)

    assert (answer.status, answer.json["details"]["field"]) == (422, "type")


def test_grants_of_another_organization_are_not_listed(bundle, organization):
    other = bundle.database.add_organization("Other")

    listed = {row["user_id"] for row in bundle.get(PERMISSIONS, organization.admin).data}

    assert not listed & {str(other.agent), str(other.manager)}
