"""The WebSocket API and its management address."""

import json
import time
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


def notes(template: Path, kind: str) -> list[dict]:
    file = template.parent / "functions" / "notes.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line[kind] for line in map(json.loads, lines) if kind in line]


@pytest.fixture
def management(runner):
    return boto3.client(
        "apigatewaymanagementapi",
        "us-east-1",
        endpoint_url=runner.info["websocket"].replace("ws://", "http://"),
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )


@pytest.fixture
def opened(runner, tiny_template):
    with connect(f"{runner.info['websocket']}?ticket=good") as socket:
        yield socket, notes(tiny_template, "connect")[-1]["requestContext"]["connectionId"]


def test_the_connect_function_sees_the_handshake(opened, tiny_template):
    event = notes(tiny_template, "connect")[-1]

    assert event["queryStringParameters"] == {"ticket": "good"}
    assert event["requestContext"]["routeKey"] == "$connect"
    assert event["requestContext"]["eventType"] == "CONNECT"
    assert event["requestContext"]["stage"] == "live"
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"


def test_a_refused_handshake_shows_the_functions_status(runner):
    with pytest.raises(InvalidStatus) as refusal, connect(f"{runner.info['websocket']}?ticket=bad"):
        pass

    assert refusal.value.response.status_code == 401


def test_a_posted_frame_arrives(opened, management):
    socket, connection_id = opened

    management.post_to_connection(ConnectionId=connection_id, Data='{"sequence": 1, "é": true}'.encode())

    assert json.loads(socket.recv(timeout=5)) == {"sequence": 1, "é": True}


def test_an_open_connection_can_be_asked_about(opened, management):
    _, connection_id = opened

    shown = management.get_connection(ConnectionId=connection_id)

    assert shown["Identity"]["SourceIp"] == "127.0.0.1"


def test_a_closed_connection_is_gone_and_its_function_hears_of_it(runner, management, tiny_template):
    with connect(f"{runner.info['websocket']}?ticket=good"):
        connection_id = notes(tiny_template, "connect")[-1]["requestContext"]["connectionId"]

    assert _wait_for(
        lambda: (
            connection_id
            in [each["requestContext"]["connectionId"] for each in notes(tiny_template, "disconnect")]
        )
    )
    with pytest.raises(ClientError) as refusal:
        management.post_to_connection(ConnectionId=connection_id, Data=b"{}")

    assert refusal.value.response["Error"]["Code"] == "GoneException"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410


def test_an_id_that_never_was_is_gone(management):
    with pytest.raises(management.exceptions.GoneException):
        management.post_to_connection(ConnectionId="never=", Data=b"{}")


def test_a_deleted_connection_is_closed(opened, management):
    socket, connection_id = opened

    management.delete_connection(ConnectionId=connection_id)

    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=5)


def test_a_frame_without_a_route_is_forbidden(opened):
    socket, _ = opened

    socket.send('{"action": "anything"}')

    assert json.loads(socket.recv(timeout=5))["message"] == "Forbidden"


def _wait_for(question, timeout_s: float = 10.0):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
