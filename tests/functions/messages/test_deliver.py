"""The worker that delivers messages of the ledger."""

import json
from uuid import uuid4

from banxway.errors import ProviderThrottled
from functions.messages.deliver.app import handler
from tests.support.product.events import queue_event, queue_record
from tests.support.product.fakes import refused
from tests.support.product.stories import customer_wrote


def sent_message(bundle, organization):
    thread = customer_wrote(bundle, organization)
    answer = bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "On its way"},
    )
    return thread, answer.data["message_id"]


def due(bundle, organization, message_id, times=1):
    item = json.dumps({"organization_id": str(organization.id), "message_id": message_id})
    name = bundle.queue_url("message").rpartition("/")[2]
    return queue_event(queue_record(item, queue=name) for _ in range(times))


def status_of(bundle, message_id):
    (row,) = bundle.database.rows("SELECT status FROM messages WHERE id = %s", (message_id,))
    return row["status"]


def test_a_message_is_delivered_once_however_often_it_is_named(bundle, organization):
    _, message_id = sent_message(bundle, organization)

    answer = bundle.call(handler, due(bundle, organization, message_id, times=10))

    assert answer == {"batchItemFailures": []}
    assert len(bundle.providers.whatsapp.sent) == 1
    assert status_of(bundle, message_id) == "accepted"


def test_what_the_provider_did_not_take_waits_for_its_next_attempt(bundle, organization):
    _, message_id = sent_message(bundle, organization)
    bundle.providers.whatsapp.sending.then(refused(ProviderThrottled, "Slow down", retry_after_s=800))

    answer = bundle.call(handler, due(bundle, organization, message_id))

    (row,) = bundle.database.rows(
        "SELECT status, next_attempt_at - updated_at = interval '800 s' AS waits FROM messages WHERE id = %s",
        (message_id,),
    )
    assert answer == {"batchItemFailures": []}
    assert row == {"status": "queued", "waits": True}


def test_a_message_that_is_gone_is_no_failure(bundle, organization):
    assert bundle.call(handler, due(bundle, organization, str(uuid4()))) == {"batchItemFailures": []}


def test_an_item_of_another_organization_sends_nothing(bundle, organization):
    _, message_id = sent_message(bundle, organization)
    other = bundle.database.add_organization("Other")

    bundle.call(handler, due(bundle, other, message_id))

    assert bundle.providers.whatsapp.sent == []
    assert status_of(bundle, message_id) == "queued"


def test_only_the_unreadable_item_of_a_batch_comes_back(bundle, organization):
    _, message_id = sent_message(bundle, organization)
    event = due(bundle, organization, message_id)
    poison = queue_record('{"message_id": 1}', queue=bundle.queue_url("message").rpartition("/")[2])
    event["Records"].insert(0, poison)

    answer = bundle.call(handler, event)

    assert answer == {"batchItemFailures": [{"itemIdentifier": poison["messageId"]}]}
    assert status_of(bundle, message_id) == "accepted"
