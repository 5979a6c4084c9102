"""The sweeper."""

from functions.maintenance.sweep.app import handler
from tests.support.events import tick
from tests.support.stories import customer_wrote


def queued_message(bundle, organization):
    """Send a message whose queue item is then lost."""
    thread = customer_wrote(bundle, organization)
    answer = bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "On its way"},
    )
    bundle.queued("message")
    bundle.queued("change")
    return answer.data["message_id"]


def test_a_message_that_nobody_took_is_enqueued_again(lone_bundle):
    organization = lone_bundle.database.add_organization()
    message_id = queued_message(lone_bundle, organization)
    lone_bundle.database.rows("UPDATE messages SET next_attempt_at = now() - interval '1 minute'")

    answer = lone_bundle.call(handler, tick())

    assert answer == {"found": "Swept(reenqueued=1, unknown=0, organizations_told=1)"}
    assert lone_bundle.queued("message") == [
        {"organization_id": str(organization.id), "message_id": message_id}
    ]
    assert lone_bundle.queued("change") == [{"organization_id": str(organization.id)}]


def test_a_sender_that_died_leaves_unknown_and_never_a_second_send(lone_bundle):
    organization = lone_bundle.database.add_organization()
    queued_message(lone_bundle, organization)
    lone_bundle.database.rows(
        "UPDATE messages SET status = 'sending', lease_until = now() - interval '1 second' "
        "WHERE direction = 'outbound'"
    )

    answer = lone_bundle.call(handler, tick())

    (row,) = lone_bundle.database.rows("SELECT status FROM messages WHERE direction = 'outbound'")
    assert answer["found"].startswith("Swept(reenqueued=0, unknown=1")
    assert row["status"] == "unknown"
    assert lone_bundle.queued("message") == []


def test_with_nothing_left_behind_nothing_is_done(lone_bundle):
    assert lone_bundle.call(handler, tick()) == {
        "found": "Swept(reenqueued=0, unknown=0, organizations_told=0)"
    }
