"""Opening a WebSocket."""

import pytest

from functions.realtime.connect.app import handler
from tests.support.product.app import token
from tests.support.product.events import socket_event
from tests.support.timing.database_times import let_tickets_live


@pytest.fixture
def ticket(bundle, organization):
    made = bundle.post("/api/v1/realtime/ticket", organization.agent).data["ticket"]
    let_tickets_live(bundle.database)
    return made


def connect(bundle, name, **query):
    return bundle.call(handler, socket_event("$connect", name, query=query))


def connections(bundle, organization):
    rows = bundle.database.rows(
        "SELECT connection_id FROM realtime_connections WHERE organization_id = %s", (organization.id,)
    )
    return [row["connection_id"] for row in rows]


def test_a_ticket_opens_a_connection_of_its_organization(bundle, organization, ticket):
    answer = connect(bundle, "ticketed", ticket=ticket)

    assert answer == {"statusCode": 200}
    assert connections(bundle, organization) == ["ticketed"]


def test_a_ticket_opens_once(bundle, organization, ticket):
    connect(bundle, "first", ticket=ticket)

    second = connect(bundle, "second", ticket=ticket)

    assert second == {"statusCode": 401, "body": "Ticket unknown, used or expired: ask for another"}
    assert connections(bundle, organization) == ["first"]


def test_an_expired_ticket_opens_nothing(bundle, organization, ticket):
    bundle.database.rows("UPDATE realtime_tickets SET expires_at = now() - interval '1 second'")

    assert connect(bundle, "late", ticket=ticket)["statusCode"] == 401
    assert connections(bundle, organization) == []


@pytest.mark.parametrize(
    "query", [{}, {"ticket": ""}, {"ticket": "guessed"}], ids=["none", "empty", "guessed"]
)
def test_without_a_ticket_nothing_opens(bundle, organization, query):
    assert connect(bundle, "stranger", **query)["statusCode"] == 401
    assert connections(bundle, organization) == []


def test_a_session_token_in_the_url_opens_nothing(bundle, organization):
    assert connect(bundle, "token", ticket=token(organization.agent))["statusCode"] == 401


def test_a_page_of_another_origin_opens_nothing(bundle, organization, ticket):
    event = socket_event("$connect", "foreign page", query={"ticket": ticket})

    answer = bundle.call(handler, event | {"headers": {"Origin": "https://evil.example"}})

    assert answer["statusCode"] == 403
    assert connections(bundle, organization) == []


def test_the_console_may_connect(bundle, organization, ticket):
    event = socket_event("$connect", "console", query={"ticket": ticket})

    answer = bundle.call(handler, event | {"headers": {"Origin": "https://console.test"}})

    assert answer == {"statusCode": 200}
