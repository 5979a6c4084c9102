"""A rule is saved as it was written, or refused by the name of the field that is wrong."""

from functools import partial
from uuid import uuid4

import pytest

from tests.support.timing.queueing import ADVISORY, one_after_the_other
from tests.support.timing.racing import patient

RULES = "/api/v1/settings/email-rules"
TAG = {"type": "tag", "tag": "invoice"}


def test_a_saved_rule_is_shown_whole_and_audited(bundle, organization, entries):
    conditions = [
        {"field": "sender", "operator": "ends_with", "value": "@shop.example"},
        {"field": "header", "name": "X-Shop", "operator": "equals", "value": "7", "negate": True},
        {
            "field": "business_hours",
            "is_open": False,
            "hours": {"monday": {"start": "09:00", "end": "18:00"}},
        },
    ]
    actions = [TAG, {"type": "assign", "user_id": str(organization.agent)}, {"type": "stop"}]

    rule = bundle.post(
        RULES,
        organization.manager,
        {"name": "Shop", "match": "any", "conditions": conditions, "actions": actions},
    ).data

    assert (rule["name"], rule["position"], rule["is_active"], rule["match"]) == ("Shop", 1, True, "any")
    assert [condition["field"] for condition in rule["conditions"]] == ["sender", "header", "business_hours"]
    assert rule["actions"] == [TAG, actions[1], {"type": "stop"}]
    assert bundle.get(f"{RULES}/{rule['id']}", organization.manager).data == rule
    (entry,) = entries("email_rule.create")
    assert (entry["rule_id"], entry["after"]["name"]) == (rule["id"], "Shop")


REFUSED = {
    "no action": ({"actions": []}, "actions"),
    "an empty name": ({"name": " "}, "name"),
    "a name that is a formula": ({"name": "=1+1"}, "name"),
    "an unknown field": ({"conditions": [{"field": "moon"}]}, "conditions.0.field"),
    "a condition that is not an object": ({"conditions": ["subject"]}, "conditions.0"),
    "no value": ({"conditions": [{"field": "subject", "operator": "equals"}]}, "conditions.0.value"),
    "a regular expression": (
        {"conditions": [{"field": "subject", "operator": "regex", "value": "(a+)+$"}]},
        "conditions.0.operator",
    ),
    "a long value": (
        {"conditions": [{"field": "body", "operator": "contains", "value": "x" * 201}]},
        "conditions.0.value",
    ),
    "a header that is not a name": (
        {"conditions": [{"field": "header", "name": "X Y", "operator": "equals", "value": "1"}]},
        "conditions.0.name",
    ),
    "a field of another condition": (
        {"conditions": [{"field": "account", "value": "x"}]},
        "conditions.0.value",
    ),
    "another mailbox": (
        {"conditions": [{"field": "account", "account_id": str(uuid4())}]},
        "conditions.0.account_id",
    ),
    "hours that end before they start": (
        {
            "conditions": [
                {
                    "field": "business_hours",
                    "is_open": True,
                    "hours": {"monday": {"start": "18:00", "end": "09:00"}},
                }
            ]
        },
        "conditions.0.hours.monday.end",
    ),
    "too many conditions": (
        {"conditions": [{"field": "has_attachment"}] * 21},
        "conditions",
    ),
    "an unknown action": ({"actions": [TAG, {"type": "sing"}]}, "actions.1.type"),
    "an address that is none": ({"actions": [{"type": "forward", "address": "boss"}]}, "actions.0.address"),
    "two addresses in one": (
        {"actions": [{"type": "forward", "address": "a@b.example, c@d.example"}]},
        "actions.0.address",
    ),
    "a stranger": ({"actions": [{"type": "assign", "user_id": str(uuid4())}]}, "actions.0.user_id"),
    "an unknown name": ({"actions": [TAG | {"colour": "red"}]}, "actions.0.colour"),
}


@pytest.mark.parametrize(("change", "field"), REFUSED.values(), ids=REFUSED)
def test_what_breaks_a_rule_is_named_and_nothing_is_saved(bundle, organization, change, field):
    answer = bundle.post(RULES, organization.manager, {"name": "Shop", "actions": [TAG]} | change)

    assert (answer.status, answer.json["details"]) == (422, {"field": field}), answer.text
    assert bundle.get(RULES, organization.manager).data == []


def test_a_mailbox_of_ones_own_is_no_address_to_forward_to(bundle, organization):
    bundle.database.rows(
        """INSERT INTO email_accounts (id, organization_id, name, email, smtp_host, smtp_port, smtp_user, imap_host,
                                       imap_port, imap_user, credentials_encrypted)
           VALUES (gen_random_uuid(), %s, 'Sales', 'sales@yourdomain.com', 'h', 587, 'u', 'h', 993, 'u', '')""",
        (organization.id,),
    )
    forward = {"type": "forward", "address": "Sales@yourdomain.com"}

    answer = bundle.post(RULES, organization.manager, {"name": "Circle", "actions": [forward]})

    assert answer.json["details"] == {"field": "actions.0.address"}


def test_an_organization_has_fifty_rules_with_200_conditions_at_most(bundle, organization, add_rule):
    for _ in range(10):
        rule = add_rule(conditions=[{"field": "has_attachment"}] * 20)

    answer = bundle.post(
        RULES, organization.manager, {"name": "One more", "conditions": rule["conditions"], "actions": [TAG]}
    )
    assert (answer.status, answer.json["details"]) == (409, {"field": "conditions"})

    for _ in range(40):
        add_rule(conditions=[])
    answer = bundle.post(RULES, organization.manager, {"name": "The 51st", "actions": [TAG]})
    assert (answer.status, answer.json["error"]) == (
        409,
        "An organization may have 50 rules: delete one first",
    )


def test_two_rules_at_once_get_two_places(bundle, organization):
    twins = [bundle.twin() for _ in range(3)]

    def save(twin):
        patient(twin.app)
        return twin.post(RULES, organization.manager, {"name": "Twin", "actions": [TAG]}).data["position"]

    places = one_after_the_other(
        bundle.database,
        [partial(save, twin) for twin in twins],
        behind=ADVISORY,
        named=(f"{organization.id} email_rules",),
    )

    for twin in twins:
        twin.close()
    assert sorted(places) == [1, 2, 3]
