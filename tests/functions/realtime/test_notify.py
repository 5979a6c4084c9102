"""The worker that pushes changes."""

import json
from types import SimpleNamespace

from banxway.models.realtime import Push
from functions.realtime.connect.app import handler as connect
from functions.realtime.notify.app import handler
from tests.support.databases.statements import recorded
from tests.support.product.app import invoke
from tests.support.product.events import context, queue_event, queue_record, socket_event
from tests.support.product.stories import customer_wrote
from tests.support.timing.database_times import let_tickets_live


def open_socket(bundle, user, name):
    ticket = bundle.post("/api/v1/realtime/ticket", user).data["ticket"]
    let_tickets_live(bundle.database)
    bundle.call(connect, socket_event("$connect", name, query={"ticket": ticket}))
    return name


def notices(bundle, *organizations):
    name = bundle.queue_url("change").rpartition("/")[2]
    items = [json.dumps({"organization_id": str(each.id)}) for each in organizations]
    return queue_event([queue_record(item, queue=name) for item in items])


def notify(bundle, *organizations):
    return bundle.call(handler, notices(bundle, *organizations))


def test_open_connections_hear_how_far_the_changes_have_come(bundle, organization):
    name = open_socket(bundle, organization.agent, f"of {organization.id}")
    customer_wrote(bundle, organization, "First")
    customer_wrote(bundle, organization, "Second")

    answer = notify(bundle, organization)

    assert answer == {"batchItemFailures": []}
    (frame,) = bundle.frames.pushed[name]
    latest = bundle.get("/api/v1/communications/changes", organization.agent).data["latest"]
    assert json.loads(frame) == {"type": "changes", "latest": latest}


def test_several_notices_of_a_batch_are_one_push(bundle, organization):
    name = open_socket(bundle, organization.agent, f"of {organization.id}")
    other = bundle.database.add_organization("Other")
    customer_wrote(bundle, organization)
    statements = recorded(bundle.app)

    notify(bundle, organization, other, organization, other, organization)

    assert len(bundle.frames.pushed[name]) == 1
    # Nine for the batch, four for the organization without changes; none for the notices that say the same.
    assert len(statements) == 9 + 4


def test_an_outage_brings_every_notice_back(bundle, organization):
    open_socket(bundle, organization.agent, f"of {organization.id}")
    customer_wrote(bundle, organization)
    bundle.frames.pushing.always(Push.UNREACHABLE)

    answer = notify(bundle, organization, organization)

    assert len(answer["batchItemFailures"]) == 2


def test_a_worker_whose_time_is_short_leaves_the_rest_to_the_next(bundle, organization):
    name = open_socket(bundle, organization.agent, f"of {organization.id}")
    customer_wrote(bundle, organization)
    bundle.queued("change")
    short = SimpleNamespace(**vars(context()) | {"get_remaining_time_in_millis": lambda: 6_999})

    answer = invoke(bundle.app, lambda event, _: handler(event, short), notices(bundle, organization))

    assert answer == {"batchItemFailures": []}

    assert name not in bundle.frames.pushed
    assert bundle.queued("change") == [{"organization_id": str(organization.id)}]


def test_what_was_pushed_is_not_pushed_again(bundle, organization):
    name = open_socket(bundle, organization.agent, f"of {organization.id}")
    customer_wrote(bundle, organization)

    notify(bundle, organization)
    notify(bundle, organization)

    assert len(bundle.frames.pushed[name]) == 1


def test_another_organization_hears_nothing(bundle, organization):
    other = bundle.database.add_organization("Other")
    theirs = open_socket(bundle, other.agent, f"of {other.id}")
    ours = open_socket(bundle, organization.agent, f"of {organization.id}")
    customer_wrote(bundle, organization)

    notify(bundle, organization)
    notify(bundle, other)
    assert theirs not in bundle.frames.pushed
    customer_wrote(bundle, other)
    notify(bundle, other)

    assert [len(bundle.frames.pushed[name]) for name in (ours, theirs)] == [1, 1]


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
