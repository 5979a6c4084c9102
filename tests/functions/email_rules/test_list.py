"""Rules are listed in the order in which they run."""


def test_rules_stand_in_their_order(bundle, organization, add_rule):
    for name in ("b", "a"):
        add_rule(name=name)

    answer = bundle.get("/api/v1/settings/email-rules", organization.manager)

    assert [rule["name"] for rule in answer.data] == ["b", "a"]
    assert answer.json["count"] == 2


def test_without_rules_the_list_is_empty(bundle, organization):
    assert bundle.get("/api/v1/settings/email-rules", organization.manager).data == []
