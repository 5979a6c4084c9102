"""The worker that pushes changes."""

import json

from functions.realtime.connect.app import handler as connect
from functions.realtime.notify.app import handler
from tests.support.product.events import queue_event, queue_record, socket_event
from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import customer_wrote
from tests.support.timing.database_times import let_tickets_live


def open_socket(bundle, user, name):
    ticket = bundle.post("/api/v1/realtime/ticket", user).data["ticket"]
    let_tickets_live(bundle.database)
    bundle.call(connect, socket_event("$connect", name, query={"ticket": ticket}))
    return name


def notify(bundle, organization):
    name = bundle.queue_url("change").rpartition("/")[2]
    item = json.dumps({"organization_id": str(organization.id)})
    return bundle.call(handler, queue_event([queue_record(item, queue=name)]))


def test_open_connections_hear_of_a_change(bundle, organization):
    name = open_socket(bundle, organization.agent, f"of {organization.id}")
    thread = customer_wrote(bundle, organization)

    answer = notify(bundle, organization)

    assert answer == {"batchItemFailures": []}
    (frame,) = bundle.frames.pushed[name]
    assert json.loads(frame) == {
        "type": "change",
        "sequence": 1,
        "kind": "message.created",
        "thread_id": thread,
        "message_id": A_UUID,
        "created_at": AN_INSTANT,
    }


def test_what_was_pushed_is_not_pushed_again(bundle, organization):
    name = open_socket(bundle, organization.agent, f"of {organization.id}")
    customer_wrote(bundle, organization)

    notify(bundle, organization)
    notify(bundle, organization)

    assert len(bundle.frames.pushed[name]) == 1


def test_another_organization_hears_nothing(bundle, organization):
    other = bundle.database.add_organization("Other")
    name = open_socket(bundle, other.agent, f"of {other.id}")
    customer_wrote(bundle, organization)

    notify(bundle, organization)
    notify(bundle, other)

    assert name not in bundle.frames.pushed


def test_a_connection_that_is_gone_is_forgotten(bundle, organization):
    names = [open_socket(bundle, organization.agent, f"{which} of {organization.id}") for which in "ab"]
    bundle.database.rows("UPDATE realtime_connections SET connected_at = now() - interval '1 minute'")
    bundle.frames.gone.add(names[0])
    customer_wrote(bundle, organization)

    notify(bundle, organization)

    rows = bundle.database.rows(
        "SELECT connection_id FROM realtime_connections WHERE organization_id = %s", (organization.id,)
    )
    assert rows == [{"connection_id": names[1]}]


def test_a_deactivated_user_hears_nothing(bundle, organization):
    name = open_socket(bundle, organization.agent, f"of {organization.id}")
    customer_wrote(bundle, organization)
    bundle.database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.agent,))

    notify(bundle, organization)

    assert name not in bundle.frames.pushed
