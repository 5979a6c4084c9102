"""Dead letters one by one."""

from uuid import uuid4

from banxway.models.queue_items import MessageDue, RotationDue
from tests.functions.messages.test_deliver import sent_message
from tests.support.product.dead_letters import give_up, items
from tests.support.product.stories import CUSTOMER


def test_one_about_a_message_names_its_customer_and_thread(bundle, organization):
    thread, message_id = sent_message(bundle, organization)

    give_up(bundle, MessageDue(organization_id=organization.id, message_id=message_id))

    (item,) = items(bundle, organization.manager)
    assert (item["subject"], item["subject_name"], item["message_status"]) == ("message", CUSTOMER, "queued")
    assert (item["message_id"], item["thread_id"], item["customer_name"]) == (message_id, thread, "Asha")


def test_pages_follow_each_other_without_gap_or_repetition(bundle, organization):
    for _ in range(5):
        give_up(bundle, MessageDue(organization_id=organization.id, message_id=uuid4()))
    give_up(bundle, RotationDue(organization_id=organization.id))
    path = "/api/v1/settings/dead-letters/items?queue=message&limit=2"

    seen, cursor = [], ""
    while cursor is not None:
        answer = bundle.get(f"{path}{cursor}", organization.admin)
        seen += [item["id"] for item in answer.data]
        following = answer.json["next_cursor"]
        cursor = f"&cursor={following}" if following else None

    assert len(seen) == len(set(seen)) == 5


def test_a_cursor_of_another_list_is_refused(bundle, organization):
    answer = bundle.get("/api/v1/settings/dead-letters/items?cursor=abc", organization.admin)

    assert (answer.status, answer.json["details"]["field"]) == (422, "cursor")
