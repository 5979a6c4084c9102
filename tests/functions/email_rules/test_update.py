"""A rule is changed in part; what it now says applies to mail from then on."""

import pytest


def _change(bundle, organization, rule, body):
    return bundle.request(
        "PATCH", f"/api/v1/settings/email-rules/{rule['id']}", user=organization.manager, body=body
    )


def test_what_is_not_given_stays_and_the_change_is_audited(bundle, organization, add_rule, entries):
    rule = add_rule()

    changed = _change(bundle, organization, rule, {"name": "Bills", "is_active": False}).data

    same = ("id", "position", "match", "conditions", "actions", "activated_at", "created_at")
    assert {name: changed[name] for name in same} == {name: rule[name] for name in same}
    assert (changed["name"], changed["is_active"]) == ("Bills", False)
    (entry,) = entries("email_rule.update")
    assert (entry["before"]["name"], entry["after"]["name"]) == ("Invoices", "Bills")


@pytest.mark.parametrize(
    ("change", "is_news"),
    [
        ({"name": "Bills"}, False),
        ({"is_active": True}, False),
        ({"is_active": False}, False),
        ({"match": "any"}, True),
        ({"conditions": []}, True),
        ({"actions": [{"type": "forward", "address": "boss@elsewhere.example"}]}, True),
    ],
    ids=str,
)
def test_a_rule_that_says_something_new_begins_again(bundle, organization, add_rule, change, is_news):
    rule = add_rule()
    bundle.database.rows("UPDATE email_rules SET activated_at = '2026-01-01' WHERE id = %s", (rule["id"],))

    changed = _change(bundle, organization, rule, change).data

    assert (changed["activated_at"] != "2026-01-01T00:00:00Z") is is_news


def test_a_rule_that_is_switched_on_begins_again(bundle, organization, add_rule):
    rule = add_rule(is_active=False)
    bundle.database.rows("UPDATE email_rules SET activated_at = '2026-01-01' WHERE id = %s", (rule["id"],))

    changed = _change(bundle, organization, rule, {"is_active": True}).data

    assert changed["activated_at"] != "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"position": 3}, "position"),
        ({"actions": []}, "actions"),
        ({"conditions": [{"field": "origin", "value": "martian"}]}, "conditions.0.value"),
    ],
    ids=str,
)
def test_what_is_no_change_is_refused(bundle, organization, add_rule, body, field):
    answer = _change(bundle, organization, add_rule(), body)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})
