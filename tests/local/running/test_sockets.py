"""The WebSocket API and its management address."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_within

from tests.support.timing.waiting import PATIENCE_S, eventually


def connect(url: str) -> ClientConnection:
    """Open a WebSocket, however long its function takes to start."""
    return connect_within(url, open_timeout=PATIENCE_S, ping_interval=None)


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
def opened(runner, bundle):
    with connect(f"{runner.info['websocket']}?ticket=good") as socket:
        yield socket, bundle.notes("connect")[-1]["requestContext"]["connectionId"]


def test_the_connect_function_sees_the_handshake(opened, bundle):
    event = bundle.notes("connect")[-1]

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

    assert json.loads(socket.recv(timeout=PATIENCE_S)) == {"sequence": 1, "é": True}


def test_an_open_connection_can_be_asked_about(opened, management):
    _, connection_id = opened

    shown = management.get_connection(ConnectionId=connection_id)

    assert shown["Identity"]["SourceIp"] == "127.0.0.1"


def test_a_closed_connection_is_gone_and_its_function_hears_of_it(runner, management, bundle):
    with connect(f"{runner.info['websocket']}?ticket=good"):
        connection_id = bundle.notes("connect")[-1]["requestContext"]["connectionId"]

    eventually(
        lambda: (
            connection_id in [each["requestContext"]["connectionId"] for each in bundle.notes("disconnect")]
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
        socket.recv(timeout=PATIENCE_S)


def test_a_frame_without_a_route_is_forbidden(opened):
    socket, _ = opened

    socket.send('{"action": "anything"}')

    assert json.loads(socket.recv(timeout=PATIENCE_S))["message"] == "Forbidden"
