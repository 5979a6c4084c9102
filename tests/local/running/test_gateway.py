"""What a function sees of an HTTP request, and what a client sees of its answer."""

import base64
import concurrent.futures
from datetime import datetime

import pytest

from tests.support.timing.waiting import eventually


def test_a_function_sees_payload_two(client):
    sent = client.post(
        "/echo/a%20b?x=1&x=2&y=%C3%A9",
        headers=[
            ("X-Twice", "1"),
            ("X-Twice", "2"),
            ("Cookie", "a=1; b=2"),
            ("Content-Type", "application/json"),
        ],
        content='{"é": 1}',
    )

    event = sent.json()
    assert event["version"] == "2.0"
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "ANY /echo/{name}"
    assert event["rawPath"] == "/echo/a b"
    assert event["pathParameters"] == {"name": "a b"}
    assert event["rawQueryString"] == "x=1&x=2&y=%C3%A9"
    assert event["queryStringParameters"] == {"x": "1,2", "y": "é"}
    assert event["headers"]["x-twice"] == "1,2"
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert event["body"] == '{"é": 1}'
    assert event["isBase64Encoded"] is False
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    moment = datetime.strptime(event["requestContext"]["time"], "%d/%b/%Y:%H:%M:%S %z")
    assert event["requestContext"]["timeEpoch"] // 1000 == moment.timestamp()


@pytest.mark.parametrize(
    "content_type",
    ["image/png", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
    ids=["binary", "form", "multipart", "untyped"],
)
def test_what_is_not_text_arrives_as_base64(client, content_type):
    headers = {"content-type": content_type} if content_type else {}

    event = client.post("/echo/x", content=b"\x89PNG\x00", headers=headers).json()

    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b"\x89PNG\x00"


def test_text_that_is_not_utf_8_keeps_its_bytes(client):
    event = client.post("/echo/x", content=b"caf\xe9", headers={"content-type": "text/plain"}).json()

    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b"caf\xe9"


def test_what_a_request_lacks_is_absent_from_its_event(client):
    event = client.get("/health").json()

    assert event.keys().isdisjoint({"body", "cookies", "queryStringParameters", "pathParameters"})
    assert event["rawQueryString"] == ""


def test_every_request_has_its_own_id(client):
    ids = {client.get("/health").json()["requestContext"]["requestId"] for _ in range(3)}

    assert len(ids) == 3


def test_a_response_keeps_its_status_headers_cookies_and_bytes(client):
    response = client.post("/act/image")

    assert response.status_code == 201
    assert response.content == b"\x89PNG"[:4]
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-count"] == "2"
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("what", ["raise", "exit", "nonsense"])
def test_a_broken_function_shows_nothing_of_its_inside(client, what):
    response = client.post(f"/act/{what}")

    assert response.status_code == 500
    assert response.json() == {"message": "Internal Server Error"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("GET", "/act/raise"), ("GET", "/echo"), ("GET", "/echo/"), ("GET", "/echo/a/b")],
    ids=["path", "method", "shorter", "empty variable", "longer"],
)
def test_what_no_route_fits_is_not_found(client, method, path):
    response = client.request(method, path)

    assert response.status_code == 404
    assert response.json() == {"message": "Not Found"}


@pytest.mark.parametrize("size", [6 * 1024 * 1024, 11 * 1024 * 1024], ids=["event", "request"])
def test_what_does_not_fit_is_refused(client, size):
    response = client.post("/echo/x", content=b"x" * size, headers={"content-type": "text/plain"})

    refusal = response.json()
    assert (response.status_code, refusal["message"]) == (413, "Request Entity Too Large")
    assert (refusal["success"], refusal["code"], refusal["details"]["field"]) == (False, "too_large", "body")


def test_a_body_just_below_the_limit_arrives(client):
    sent = b"x" * (2 * 1024 * 1024)  # the echo doubles it: the answer has a limit, too

    event = client.post("/echo/x", content=sent, headers={"content-type": "text/plain"}).json()

    assert len(event["body"]) == len(sent)


def test_a_preflight_from_the_console_is_allowed(client, runner):
    headers = {"origin": runner.url, "access-control-request-method": "GET"}

    response = client.options("/echo/x", headers=headers)

    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == runner.url
    assert response.headers["access-control-allow-methods"] == "GET"
    assert response.headers["access-control-allow-headers"] == "authorization"


def test_a_preflight_from_elsewhere_gets_no_permission(client):
    headers = {"origin": "https://evil.example", "access-control-request-method": "GET"}

    response = client.options("/echo/x", headers=headers)

    assert response.status_code == 204
    assert "access-control-allow-origin" not in response.headers


def test_answers_are_marked_for_the_console_only(client, runner):
    own = client.get("/health", headers={"origin": runner.url})
    other = client.get("/health", headers={"origin": "https://evil.example"})

    assert own.headers["access-control-allow-origin"] == runner.url
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"origin": "https://evil.example"}],
    ids=["rebound name", "foreign page"],
)
def test_other_sites_get_no_token_from_the_runner(client, headers):
    response = client.post("/local/token", json={"email": "admin@banxway.local"}, headers=headers)

    assert response.status_code == 403


def test_a_token_is_for_somebody_whom_the_product_knows(client):
    known = client.post("/local/token", json={"email": "agent@banxway.local"})
    unknown = client.post("/local/token", json={"email": "nobody@banxway.local"})

    assert known.json()["token"].count(".") == 2
    assert unknown.status_code == 404


def test_calls_at_once_run_in_processes_of_their_own(client, bundle):
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda _: client.post("/act/wait-for-four"), range(4))
        eventually(lambda: len(bundle.waiting("wait-for-four")) == 4)
        bundle.open("wait-for-four")
        pids = {int(answer.text) for answer in answers}

    assert pids == set(bundle.waiting("wait-for-four"))
    assert len(pids) == 4
