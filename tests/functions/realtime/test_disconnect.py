"""Forgetting a closed WebSocket."""

from functions.realtime.connect.app import handler as connect
from functions.realtime.disconnect.app import handler
from tests.support.product.events import socket_event
from tests.support.timing.database_times import let_tickets_live


def test_a_closed_connection_is_forgotten(bundle, organization):
    for name in ("closing", "staying"):
        ticket = bundle.post("/api/v1/realtime/ticket", organization.agent).data["ticket"]
        let_tickets_live(bundle.database)
        bundle.call(connect, socket_event("$connect", name, query={"ticket": ticket}))

    answer = bundle.call(handler, socket_event("$disconnect", "closing"))

    assert answer == {"statusCode": 200}
    assert bundle.database.rows("SELECT connection_id FROM realtime_connections") == [
        {"connection_id": "staying"}
    ]


def test_an_unknown_connection_is_no_failure(bundle):
    assert bundle.call(handler, socket_event("$disconnect", "never seen")) == {"statusCode": 200}
