"""The worker that delivers mails of the ledger."""

import json
from uuid import uuid4

from functions.messages.deliver_mail.app import handler
from tests.support.product.builders import Product
from tests.support.product.events import queue_event, queue_record


def waiting_mail(bundle, organization, tmp_path):
    """Send a mail by the API; returns its id."""
    product = Product(bundle.database, tmp_path, encryption_master_key=bundle.settings.encryption_master_key)
    product.add_mailbox(organization)
    thread = product.add_thread(organization, email="asha@customer.example")
    product.close()
    answer = bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "EMAIL", "subject": "Parcel", "content_text": "It left today"},
    )
    return answer.data["message_id"]


def due(bundle, organization, message_id, times=1):
    item = json.dumps({"organization_id": str(organization.id), "message_id": message_id})
    name = bundle.queue_url("mail").rpartition("/")[2]
    return queue_event(queue_record(item, queue=name) for _ in range(times))


def test_a_mail_waits_in_the_queue_of_mails_alone(bundle, organization, tmp_path):
    message_id = waiting_mail(bundle, organization, tmp_path)

    assert bundle.queued("message") == []
    assert bundle.queued("mail") == [{"organization_id": str(organization.id), "message_id": message_id}]


def test_a_mail_is_delivered_once_however_often_it_is_named(bundle, organization, tmp_path):
    message_id = waiting_mail(bundle, organization, tmp_path)

    answer = bundle.call(handler, due(bundle, organization, message_id, times=3))

    assert answer == {"batchItemFailures": []}
    assert len(bundle.providers.mail_sender.sent) == 1
    (row,) = bundle.database.rows("SELECT status FROM messages WHERE id = %s", (message_id,))
    assert row["status"] == "sent"


def test_an_item_of_another_organization_sends_nothing(bundle, organization, tmp_path):
    message_id = waiting_mail(bundle, organization, tmp_path)
    other = bundle.database.add_organization("Other")

    bundle.call(handler, due(bundle, other, message_id))

    assert bundle.providers.mail_sender.sent == []


def test_a_mail_that_is_gone_is_no_failure(bundle, organization):
    assert bundle.call(handler, due(bundle, organization, str(uuid4()))) == {"batchItemFailures": []}
