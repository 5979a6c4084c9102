"""Applying a callback again: what it would change, and that nobody is contacted."""

import pytest

from banxway.services.webhooks import pieces
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


@pytest.mark.parametrize("is_revoked", [False, True], ids=["valid", "revoked since"])
def test_the_rest_of_a_long_callback_is_filed_in_the_background(
    bundle, organization, monkeypatch, is_revoked
):
    """Its URL was valid when it came; what arrived then is not counted as an arrival of today."""
    monkeypatch.setattr(pieces, "_LONGEST_PIECE", 2)
    texts = [f"Part {n}" for n in range(5)]
    received(bundle, organization, whatsapp_body(*(incoming(text, sid=text) for text in texts)))
    (event,) = bundle.get(PATH, organization.admin).data
    arrivals = bundle.database.rows("SELECT * FROM inbound_hours ORDER BY hour")
    _lose_every_message(bundle)
    if is_revoked:
        _revoke_the_url(bundle, organization)

    rehearsed = replay(bundle, organization.admin, event, dry_run=True)
    assert (rehearsed["is_partial"], len(rehearsed["differences"]), bundle.queued("webhook")) == (True, 2, [])
    replay(bundle, organization.admin, event, dry_run=False)
    bundle.work("webhook")

    filed = bundle.database.rows("SELECT body_text FROM messages ORDER BY body_text")
    assert [row["body_text"] for row in filed] == texts
    assert bundle.database.rows("SELECT * FROM inbound_hours ORDER BY hour") == arrivals
    assert len(bundle.get(PATH, organization.admin).data) == 1


def test_two_replays_file_a_message_once(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello", sid="in-1")))
    (event,) = bundle.get(PATH, organization.admin).data
    _lose_every_message(bundle)

    changes = [len(replay(bundle, organization.admin, event, dry_run=False)["differences"]) for _ in range(2)]

    assert changes == [1, 0]
    assert len(bundle.database.rows("SELECT id FROM messages")) == 1


def test_an_old_message_that_is_filed_again_opens_no_window(bundle, organization):
    """The 24 hours begin when the customer wrote, so that nobody may write on account of a replay."""
    old = incoming("Hello", sid="in-1") | {"timestamp": "2026-01-01T10:00:00+00:00"}
    received(bundle, organization, whatsapp_body(old))
    (event,) = bundle.get(PATH, organization.admin).data
    _lose_every_message(bundle)

    replay(bundle, organization.admin, event, dry_run=False)

    (row,) = bundle.database.rows("SELECT thread_id, occurred_at FROM messages")
    assert row["occurred_at"].isoformat() == "2026-01-01T10:00:00+00:00"
    answer = bundle.post(
        f"/api/v1/communications/threads/{row['thread_id']}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "Hello?"},
    )
    assert answer.status == 422, answer.text


def test_somebody_from_whom_the_channel_is_hidden_replays_nothing(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello")))
    bundle.post(
        "/api/v1/settings/integrations/exotel_whatsapp/permissions",
        organization.admin,
        {"user_id": str(organization.admin), "can_view": False, "can_use": False},
    )
    (event,) = bundle.get(PATH, organization.admin).data

    answer = bundle.post(f"{PATH}/{event['id']}/replay", organization.admin, {"dry_run": True})

    assert answer.status == 403


def test_a_replay_is_in_the_audit_trail_and_a_dry_run_is_not(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello", sid="in-1")))
    (event,) = bundle.get(PATH, organization.admin).data
    for dry_run in (True, False):
        replay(bundle, organization.admin, event, dry_run=dry_run)

    entries = bundle.get("/api/v1/settings/audit-logs?action=webhooks.replay", organization.admin).data
    assert [entry["details"]["event_id"] for entry in entries] == [event["id"]]


def test_a_revoked_callback_is_not_replayed(bundle, organization):
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    _revoke_the_url(bundle, organization)
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


def _revoke_the_url(bundle, organization) -> None:
    bundle.request(
        "PATCH",
        "/api/v1/settings/integrations/exotel_whatsapp",
        user=organization.admin,
        body={"revoke_callback_url": True},
    )
