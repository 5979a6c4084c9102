"""What is true of every route: unknown query fields are refused by name, and a creation has its own status."""

import pytest

from tests.support.gates.routes import ROUTES
from tests.support.product.stories import configure

ID = "00000000-0000-0000-0000-000000000001"
WORDS = {"type": "exotel_phone", "field": "body_text", "token": "none"}


def _path(route):
    return route.path.format(**{name: WORDS.get(name, ID) for name in route.variables})


@pytest.mark.parametrize("route", [route for route in ROUTES if route.endpoint], ids=str)
def test_an_unknown_query_field_is_refused_by_name_on_every_route(shared_bundle, shared_organization, route):
    answer = shared_bundle.request(
        route.method, f"{_path(route)}?colour=red", user=shared_organization.admin, body={}
    )

    assert (answer.status, answer.json["details"]) == (422, {"field": "colour"}), answer.text
    assert answer.json["error"] == "Unknown field: colour"


@pytest.mark.parametrize("route", [route for route in ROUTES if route.endpoint], ids=str)
def test_a_request_without_a_session_learns_how_to_sign_in_on_every_route(shared_bundle, route):
    answer = shared_bundle.request(route.method, _path(route), body={})

    assert answer.status == 401 if route.endpoint.permission else answer.status != 500
    assert ("WWW-Authenticate" in answer.headers) is (answer.status == 401)


def test_an_integration_is_created_once_and_then_replaced(bundle, organization):
    path = "/api/v1/settings/integrations/exotel_sms"
    body = {"account_sid": "s", "api_key": "k", "api_token": "t", "sms_number": "01141169368"}

    answers = [bundle.post(path, organization.admin, body) for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 200]
    configure(bundle, organization.admin, "exotel_phone")
    rule = {"name": "x", "actions": [{"type": "stop"}]}
    assert bundle.post("/api/v1/settings/email-rules", organization.manager, rule).status == 201
