"""Discarding: with a reason, audited, and no message is lost without a trace."""

import pytest

from banxway.models.queue_items import MessageDue, RotationDue
from tests.functions.dead_letters.test_redrive import only_id, set_status
from tests.functions.messages.test_deliver import sent_message, status_of
from tests.support.product.dead_letters import give_up, groups, items

PATH = "/api/v1/settings/dead-letters/discard"
WHY = {"reason": "The customer has called us"}


def given_up_message(bundle, organization):
    _, message_id = sent_message(bundle, organization)
    bundle.queued("message")
    give_up(bundle, MessageDue(organization_id=organization.id, message_id=message_id))
    return message_id


def test_a_message_that_waits_has_failed_with_the_reason(bundle, organization):
    message_id = given_up_message(bundle, organization)

    answer = bundle.post(PATH, organization.admin, only_id(bundle, organization) | WHY).data

    (row,) = bundle.database.rows("SELECT * FROM messages WHERE id = %s", (message_id,))
    assert answer == {"discarded": 1, "messages_failed": 1, "remaining": 0}
    assert (row["status"], row["failure_reason"]) == ("failed", "Discarded: The customer has called us")
    assert row["failure_advice"] == "Send it again if it should still reach the customer"


@pytest.mark.parametrize("status", ["sending", "unknown", "accepted", "delivered"])
def test_a_message_that_may_have_left_does_not_change(bundle, organization, status):
    message_id = given_up_message(bundle, organization)
    set_status(bundle, message_id, status)

    answer = bundle.post(PATH, organization.admin, only_id(bundle, organization) | WHY).data

    assert (answer["messages_failed"], status_of(bundle, message_id)) == (0, status)


def test_it_is_shown_with_who_did_it_and_why_and_audited(bundle, organization):
    bundle.database.rows("UPDATE users SET name = 'Meera' WHERE id = %s", (organization.admin,))
    give_up(bundle, RotationDue(organization_id=organization.id))
    chosen = only_id(bundle, organization)

    bundle.post(PATH, organization.admin, chosen | WHY)

    (item,) = items(bundle, organization.manager, "?state=discarded")
    assert (item["reason"], item["settled_by"]) == (WHY["reason"], "Meera")
    assert groups(bundle, organization.admin) == []
    (entry,) = bundle.get("/api/v1/settings/audit-logs?action=dead_letters.discard", organization.admin).data
    assert (entry["user_id"], entry["details"]["reason"]) == (str(organization.admin), WHY["reason"])
    assert entry["details"]["ids"] == chosen["ids"]
    assert bundle.get("/api/v1/settings/notifications", organization.admin).data == []


@pytest.mark.parametrize("reason", [None, "", "   "], ids=["none", "empty", "blank"])
def test_without_a_reason_nothing_is_discarded(bundle, organization, reason):
    give_up(bundle, RotationDue(organization_id=organization.id))
    body = only_id(bundle, organization) | ({"reason": reason} if reason is not None else {})

    answer = bundle.post(PATH, organization.admin, body)

    assert (answer.status, answer.json["details"]["field"]) == (422, "reason")
    assert len(items(bundle, organization.admin)) == 1


def test_the_second_of_two_admins_learns_it(bundle, organization):
    give_up(bundle, RotationDue(organization_id=organization.id))
    chosen = only_id(bundle, organization) | WHY
    bundle.post(PATH, organization.admin, chosen)

    assert bundle.post(PATH, organization.admin, chosen).status == 409


def test_another_organizations_dead_letter_is_not_found_and_stays(bundle, organization):
    stranger = bundle.database.add_organization("Other")
    give_up(bundle, RotationDue(organization_id=organization.id))

    answer = bundle.post(PATH, stranger.admin, only_id(bundle, organization) | WHY)

    assert answer.status == 404
    assert len(items(bundle, organization.admin)) == 1
