"""A rule is tried on the mail of the last days before it is saved, and changes nothing."""

from uuid import uuid4

import pytest

from tests.support.product.stories import mail_arrived

DRY_RUN = "/api/v1/settings/email-rules/dry-run"
RULE = {
    "name": "Parcels",
    "conditions": [{"field": "sender", "operator": "matches", "value": "*@*"}],
    "actions": [{"type": "tag", "tag": "parcel"}],
}


def test_it_says_which_mail_a_rule_would_have_fired_for_and_why(bundle, organization):
    thread = mail_arrived(bundle, organization)
    bundle.database.rows(
        "UPDATE messages SET occurred_at = now() WHERE organization_id = %s", (organization.id,)
    )

    result = bundle.post(DRY_RUN, organization.manager, {"rule": RULE}).data

    assert (result["examined"], result["match_count"], result["is_complete"]) == (1, 1, True)
    assert result["matches"][0]["thread_id"] == thread
    assert result["matches"][0]["matched"][0]["saw"] == result["matches"][0]["sender"]


def test_a_saved_rule_is_tried_by_its_id(bundle, organization, add_rule):
    assert bundle.post(DRY_RUN, organization.manager, {"rule_id": add_rule()["id"]}).data["examined"] == 0
    assert bundle.post(DRY_RUN, organization.manager, {"rule_id": str(uuid4())}).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rule"),
        ({"rule": RULE, "rule_id": str(uuid4())}, "rule"),
        ({"rule": RULE, "days": 31}, "days"),
        ({"rule": RULE | {"actions": []}}, "rule.actions"),
    ],
    ids=["neither", "both", "too long ago", "no action"],
)
def test_what_cannot_be_tried_is_refused_by_name(bundle, organization, body, field):
    answer = bundle.post(DRY_RUN, organization.manager, body)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})
