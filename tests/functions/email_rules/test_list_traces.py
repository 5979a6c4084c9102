"""Why a message was tagged, assigned or forwarded is shown to everybody who may read it."""

import json
from uuid import uuid4

from tests.support.product.stories import mail_arrived


def test_the_rules_that_fired_for_a_message_are_shown_with_what_they_saw(bundle, organization):
    mail_arrived(bundle, organization)
    (message,) = bundle.database.rows(
        "SELECT id FROM messages WHERE organization_id = %s", (organization.id,)
    )
    held = [{"condition": {"field": "has_attachment"}, "saw": "a.pdf"}]
    performed = [{"action": {"type": "tag", "tag": "x"}, "is_done": True, "reason": None}]
    bundle.database.rows(
        """INSERT INTO email_rule_traces (id, organization_id, message_id, rule_name, matched, performed)
           VALUES (gen_random_uuid(), %s, %s, 'Files', %s, %s)""",
        (organization.id, message["id"], json.dumps(held), json.dumps(performed)),
    )

    answer = bundle.get(f"/api/v1/communications/messages/{message['id']}/rule-traces", organization.agent)

    (trace,) = answer.data
    assert (trace["rule_name"], trace["matched"], trace["performed"]) == ("Files", held, performed)


def test_a_message_that_is_not_there_is_not_found(bundle, organization):
    assert (
        bundle.get(f"/api/v1/communications/messages/{uuid4()}/rule-traces", organization.agent).status == 404
    )
