"""Handing out tickets."""

from datetime import datetime, timedelta

from tests.support.product.matching import AN_INSTANT, Matching
from tests.support.timing.database_times import now_of

PATH = "/api/v1/realtime/ticket"


def test_a_ticket_comes_with_where_to_use_it_and_until_when(bundle, organization):
    before = now_of(bundle.database)
    answer = bundle.post(PATH, organization.agent)
    after = now_of(bundle.database)

    assert answer.status == 201
    assert answer.json == {
        "success": True,
        "data": {
            "ticket": Matching("a ticket", r"[A-Za-z0-9_-]{43}"),
            "websocket_url": "wss://live.test/live",
            "expires_at": AN_INSTANT,
        },
    }
    assert before <= datetime.fromisoformat(answer.data["expires_at"]) - timedelta(seconds=30) <= after


def test_only_a_tickets_hash_is_kept(bundle, organization):
    ticket = bundle.post(PATH, organization.agent).data["ticket"]

    rows = bundle.database.rows("SELECT * FROM realtime_tickets")
    assert ticket not in str(rows)
    assert ticket.encode() not in [row["ticket_sha256"] for row in rows]


def test_every_ticket_is_another(bundle, organization):
    tickets = {bundle.post(PATH, organization.agent).data["ticket"] for _ in range(3)}

    assert len(tickets) == 3
