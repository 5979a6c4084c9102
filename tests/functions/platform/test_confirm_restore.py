"""After a restore: nothing is sent until a person has confirmed."""

import json

from functions.maintenance.sweep.app import handler as sweep
from functions.messages.deliver.app import handler as deliver
from functions.platform.confirm_restore.app import handler
from tests.support.product.events import queue_event, queue_record, tick
from tests.support.product.stories import customer_wrote


def test_a_restored_ledger_sends_nothing_until_confirmed(lone_bundle):
    organization = lone_bundle.database.add_organization()
    for _ in range(3):
        lone_bundle.call(sweep, tick())
    thread = customer_wrote(lone_bundle, organization)
    lone_bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "On its way"},
    )
    (item,) = lone_bundle.queued("message")
    lone_bundle.database.rows("UPDATE ledger_epoch SET epoch = 1")
    name = lone_bundle.queue_url("message").rpartition("/")[2]
    event = queue_event([queue_record(json.dumps(item), queue=name)])

    before = lone_bundle.call(deliver, event)
    sent_before = len(lone_bundle.providers.whatsapp.sent)
    confirmed = lone_bundle.call(handler, {})
    after = lone_bundle.call(deliver, event)

    assert (len(before["batchItemFailures"]), sent_before) == (1, 0)
    assert confirmed == {"ledger_epoch": 3}
    assert (after, len(lone_bundle.providers.whatsapp.sent)) == ({"batchItemFailures": []}, 1)


def test_where_nothing_was_restored_nothing_changes(lone_bundle):
    lone_bundle.call(sweep, tick())

    assert lone_bundle.call(handler, {}) == {"ledger_epoch": 1}
