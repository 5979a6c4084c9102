"""Applying a callback again: what it would change, and that nobody is contacted."""

import pytest

from tests.functions.webhooks.test_apply_callback import sent_message
from tests.functions.webhooks.test_list_events import PATH, received
from tests.support.databases.tables import everything_in
from tests.support.product.stories import configure, incoming, post_callback, report, whatsapp_body


def replay(bundle, user, event, *, dry_run):
    return bundle.post(f"{PATH}/{event['id']}/replay", user, {"dry_run": dry_run}).data


def test_what_is_applied_already_would_change_nothing(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello", sid="in-1")))
    (event,) = bundle.get(PATH, organization.admin).data

    for dry_run in (True, False):
        result = replay(bundle, organization.admin, event, dry_run=dry_run)
        assert (result["differences"], result["outcome"], result["dry_run"]) == ([], "applied", dry_run)


def test_a_dry_run_shows_a_lost_message_and_files_nothing_and_the_replay_files_it(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello", sid="in-1")))
    (event,) = bundle.get(PATH, organization.admin).data
    _lose_every_message(bundle)
    before = everything_in(bundle.database)

    rehearsed = replay(bundle, organization.admin, event, dry_run=True)

    assert [each["what"] for each in rehearsed["differences"]] == ["message.created"]
    assert rehearsed["differences"][0]["after"] == "received"
    assert everything_in(bundle.database) == before
    replay(bundle, organization.admin, event, dry_run=False)
    threads = bundle.get("/api/v1/communications/threads", organization.admin).data
    assert len(threads) == 1
    assert bundle.get(PATH, organization.admin).data[0]["replays"] == 1


def test_a_report_moves_a_message_that_it_could_not_move_before(bundle, organization):
    thread, url = sent_message(bundle, organization)
    post_callback(bundle, url, whatsapp_body(report("sid-1", 30002, "EX_MESSAGE_DELIVERED")))
    bundle.work("webhook")
    bundle.database.rows("DELETE FROM message_events RETURNING id")
    bundle.database.rows("UPDATE messages SET status = 'accepted' WHERE direction = 'outbound' RETURNING id")
    (event,) = (each for each in bundle.get(PATH, organization.admin).data if each["subject"] == "unit")

    result = replay(bundle, organization.admin, event, dry_run=True)

    (difference,) = result["differences"]
    assert (difference["what"], difference["before"], difference["after"]) == (
        "message.status",
        "accepted",
        "delivered",
    )
    assert difference["thread_id"] == str(thread)


def test_nothing_is_sent_to_customers(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello", sid="in-1")))
    (event,) = bundle.get(PATH, organization.admin).data
    _lose_every_message(bundle)

    replay(bundle, organization.admin, event, dry_run=False)

    for queue in ("message", "mail"):
        assert bundle.queued(queue) == []
    assert bundle.providers.whatsapp.sent == []


def test_a_replay_is_in_the_audit_trail_and_a_dry_run_is_not(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello", sid="in-1")))
    (event,) = bundle.get(PATH, organization.admin).data
    for dry_run in (True, False):
        replay(bundle, organization.admin, event, dry_run=dry_run)

    entries = bundle.get("/api/v1/settings/audit-logs?action=webhooks.replay", organization.admin).data
    assert [entry["details"]["event_id"] for entry in entries] == [event["id"]]


def test_a_revoked_callback_is_not_replayed(bundle, organization):
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    bundle.request(
        "PATCH",
        "/api/v1/settings/integrations/exotel_whatsapp",
        user=organization.admin,
        body={"revoke_callback_url": True},
    )
    post_callback(bundle, url, whatsapp_body(incoming("Hello")))
    bundle.work("webhook")
    (event,) = bundle.get(PATH, organization.admin).data

    answer = bundle.post(f"{PATH}/{event['id']}/replay", organization.admin, {"dry_run": True})

    assert (answer.status, event["outcome"]) == (409, "revoked")


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_only_an_admin_replays(bundle, organization, role):
    received(bundle, organization, whatsapp_body(incoming("Hello")))
    (event,) = bundle.get(PATH, organization.admin).data

    answer = bundle.post(f"{PATH}/{event['id']}/replay", getattr(organization, role), {"dry_run": True})
    assert answer.status == 403


def _lose_every_message(bundle) -> None:
    """Lose what a restored backup would lack."""
    for table in ("messages", "threads"):
        bundle.database.rows(f"WITH gone AS (DELETE FROM {table} RETURNING id) SELECT count(*) FROM gone")
