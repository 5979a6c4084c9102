"""The sweeper."""

from dataclasses import replace

from banxway.models.maintenance.sweeps import Swept
from functions.maintenance.sweep.app import handler
from tests.support.product.events import tick
from tests.support.product.stories import configure, customer_wrote

NOTHING = Swept(
    reenqueued=0,
    unknown=0,
    queued_again=0,
    organizations_notified=0,
    trails_anchored=0,
    rotations_woken=0,
    uploads_forgotten=0,
)


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

    assert answer == {
        "found": str(replace(NOTHING, reenqueued=1, organizations_notified=1, trails_anchored=1))
    }
    assert lone_bundle.queued("message") == [
        {"organization_id": str(organization.id), "message_id": message_id}
    ]
    assert lone_bundle.queued("change") == [{"organization_id": str(organization.id)}]


def test_a_sender_that_died_leaves_unknown_and_never_a_second_send(lone_bundle):
    organization = lone_bundle.database.add_organization()
    queued_message(lone_bundle, organization)
    lone_bundle.database.rows(
        "UPDATE messages SET status = 'sending', lease_until = now() - interval '1 second', "
        "    hand_over_began_at = now() "
        "WHERE direction = 'outbound'"
    )

    answer = lone_bundle.call(handler, tick())

    (row,) = lone_bundle.database.rows("SELECT status FROM messages WHERE direction = 'outbound'")
    assert answer["found"].startswith("Swept(reenqueued=0, unknown=1")
    assert row["status"] == "unknown"
    assert lone_bundle.queued("message") == []


def test_with_nothing_left_behind_nothing_is_done(lone_bundle):
    assert lone_bundle.call(handler, tick()) == {"found": str(NOTHING)}


def test_a_trail_is_anchored_whenever_it_has_grown_and_only_then(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")

    first = lone_bundle.call(handler, tick())
    written = lone_bundle.app.audit.anchors.find(organization.id)
    second = lone_bundle.call(handler, tick())

    (head,) = lone_bundle.database.rows("SELECT sequence, hash FROM integration_audit_heads")
    assert (written.sequence, written.hash) == (head["sequence"], head["hash"])
    assert "trails_anchored=1" in first["found"]
    assert "trails_anchored=0" in second["found"]


def test_a_rotation_that_nobody_works_on_is_woken(lone_bundle):
    organization = lone_bundle.database.add_organization()
    lone_bundle.post("/api/v1/settings/encryption/rotate", organization.admin)
    lone_bundle.queued("rotation")
    lone_bundle.database.rows("UPDATE key_rotations SET progressed_at = now() - interval '10 minutes'")

    answer = lone_bundle.call(handler, tick())

    assert "rotations_woken=1" in answer["found"]
    assert lone_bundle.queued("rotation") == [{"organization_id": str(organization.id)}]
