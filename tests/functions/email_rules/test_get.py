"""One rule, by its id."""

from uuid import uuid4


def test_a_rule_is_shown_by_its_id(bundle, organization, add_rule):
    rule = add_rule()

    assert bundle.get(f"/api/v1/settings/email-rules/{rule['id']}", organization.manager).data == rule


def test_an_unknown_rule_is_not_found(bundle, organization):
    answer = bundle.get(f"/api/v1/settings/email-rules/{uuid4()}", organization.manager)

    assert (answer.status, answer.json["error"]) == (404, "Email rule not found")
