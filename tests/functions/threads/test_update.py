"""Changing a thread."""

from uuid import uuid4

import pytest

from tests.support.product.stories import customer_wrote

PATH = "/api/v1/communications/threads/{}"


def change(bundle, organization, thread, body):
    return bundle.request("PATCH", PATH.format(thread), user=organization.agent, body=body)


def test_what_is_named_is_changed_and_the_rest_stays(bundle, organization):
    thread = customer_wrote(bundle, organization)
    agent = str(organization.agent)

    changed = change(
        bundle,
        organization,
        thread,
        {"status": "closed", "assigned_to_user_id": agent, "tags": ["vip"]},
    )
    again = change(bundle, organization, thread, {"is_spam": True})

    assert changed.status == 200
    assert (changed.data["status"], changed.data["assigned_to_user_id"]) == ("closed", agent)
    assert again.data == changed.data | {"is_spam": True}
    assert bundle.get(PATH.format(thread), organization.agent).data == again.data


def test_a_null_assignee_assigns_it_to_nobody(bundle, organization):
    thread = customer_wrote(bundle, organization)
    change(bundle, organization, thread, {"assigned_to_user_id": str(organization.agent)})

    answer = change(bundle, organization, thread, {"assigned_to_user_id": None})

    assert answer.data["assigned_to_user_id"] is None


def test_browsers_are_notified_once(bundle, organization):
    thread = customer_wrote(bundle, organization)
    for _ in range(2):
        change(bundle, organization, thread, {"tags": ["vip", "vip"]})

    rows = bundle.database.rows("SELECT kind FROM changes WHERE thread_id = %s ORDER BY sequence", (thread,))
    assert [row["kind"] for row in rows] == ["message.created", "thread.updated"]
    assert bundle.get(PATH.format(thread), organization.agent).data["tags"] == ["vip"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "done"}, "status"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"tags": [""]}, "tags.0"),
        ({"tags": ["=1+1"]}, "tags.0"),
        ({"tags": [f"{number}" for number in range(21)]}, "tags"),
        ({"assigned_to_user_id": str(uuid4())}, "assigned_to_user_id"),
        ({"assigned_to_user_id": "me"}, "assigned_to_user_id"),
        ({"is_spam": None}, "is_spam"),
        ({"status": None}, "status"),
        ({"merged_into_thread_id": str(uuid4())}, "merged_into_thread_id"),
        ({}, "status"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name_and_changes_nothing(bundle, organization, body, field):
    thread = customer_wrote(bundle, organization)
    before = bundle.get(PATH.format(thread), organization.agent).data

    answer = change(bundle, organization, thread, body)

    assert answer.status == 422
    assert answer.json["details"].get("field") == field
    assert bundle.get(PATH.format(thread), organization.agent).data == before


def test_a_member_of_another_organization_is_no_assignee(bundle, organization):
    thread = customer_wrote(bundle, organization)
    stranger = bundle.database.add_organization("Other")

    answer = change(bundle, organization, thread, {"assigned_to_user_id": str(stranger.agent)})

    assert (answer.status, answer.json["details"]) == (422, {"field": "assigned_to_user_id"})


def test_an_unknown_thread_is_not_found(bundle, organization):
    assert change(bundle, organization, uuid4(), {"status": "closed"}).status == 404
