"""A deleted rule is gone, and the trail says what it was."""


def test_a_deleted_rule_is_gone_and_audited(bundle, organization, add_rule, entries):
    path = f"/api/v1/settings/email-rules/{add_rule()['id']}"

    first = bundle.request("DELETE", path, user=organization.manager)
    second = bundle.request("DELETE", path, user=organization.manager)

    assert (first.status, first.json["message"], second.status) == (200, "Email rule deleted", 404)
    assert bundle.get("/api/v1/settings/email-rules", organization.manager).data == []
    assert [entry["before"]["name"] for entry in entries("email_rule.delete")] == ["Invoices"]
