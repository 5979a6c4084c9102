"""The order of rules is set whole."""

from uuid import uuid4

RULES = "/api/v1/settings/email-rules"


def test_rules_run_in_the_order_they_were_put_in(bundle, organization, add_rule, entries):
    first, second, third = (add_rule(name=name)["id"] for name in "abc")

    answer = bundle.post(f"{RULES}/reorder", organization.manager, {"rule_ids": [third, first, second]})

    assert [rule["name"] for rule in answer.data] == ["c", "a", "b"]
    assert bundle.get(RULES, organization.manager).data == answer.data
    (entry,) = entries("email_rule.reorder")
    assert (entry["before"]["rule_ids"], entry["after"]["rule_ids"]) == (
        [first, second, third],
        [third, first, second],
    )


def test_an_order_that_does_not_name_every_rule_once_is_refused(bundle, organization, add_rule):
    first, second = (add_rule(name=name)["id"] for name in "ab")

    for rule_ids in ([first], [first, first], [first, second, str(uuid4())]):
        answer = bundle.post(f"{RULES}/reorder", organization.manager, {"rule_ids": rule_ids})
        assert (answer.status, answer.json["details"]) == (422, {"field": "rule_ids"})
