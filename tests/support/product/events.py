"""The events that Lambda hands to functions, as its documentation spells them."""

import json
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4


def context(name: str = "TestFunction") -> SimpleNamespace:
    """Return what the product reads of a Lambda context."""
    return SimpleNamespace(
        function_name=name,
        aws_request_id=str(uuid4()),
        log_stream_name="2026/01/15/[1]abc",
        get_remaining_time_in_millis=lambda: 300_000,
    )


def http_event(
    method: str,
    path: str,
    *,
    route: str | None = None,
    variables: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """Return a payload 2.0 event; what a request lacks is absent, as on AWS."""
    route_key = f"{method} {route or path}"
    texts = {name: str(value) for name, value in (query or {}).items()}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": urlencode(texts),
        "headers": {name.lower(): value for name, value in (headers or {}).items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"},
            "requestId": str(uuid4()),
            "routeKey": route_key,
            "stage": "$default",
        },
        "isBase64Encoded": is_base64,
    }
    optional = {"pathParameters": variables, "queryStringParameters": texts, "body": body}
    return event | {name: value for name, value in optional.items() if value}


_QUEUES = "arn:aws:sqs:ap-south-1:123456789012"


def queue_record(
    body: str,
    *,
    queue: str,
    message_id: str | None = None,
    receipt: str = "receipt",
    received: int = 1,
    came_from: str | None = None,
    **attributes: str,
) -> dict[str, Any]:
    """Return one record of a queue by its name; `came_from` is the queue from which SQS moved it."""
    sent = "1768469400000"
    return {
        "messageId": message_id or str(uuid4()),
        "receiptHandle": receipt,
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(received),
            "SentTimestamp": sent,
            "ApproximateFirstReceiveTimestamp": sent,
            **({"DeadLetterQueueSourceArn": f"{_QUEUES}:{came_from}"} if came_from else {}),
        },
        "messageAttributes": {
            name: {"dataType": "String", "stringValue": text} for name, text in attributes.items()
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": f"{_QUEUES}:{queue}",
        "awsRegion": "ap-south-1",
    }


def queue_event(records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return one batch."""
    return {"Records": list(records)}


def socket_event(route: str, connection_id: str, *, query: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an event of the WebSocket API."""
    event = {
        "requestContext": {"routeKey": route, "connectionId": connection_id, "requestId": str(uuid4())},
        "isBase64Encoded": False,
    }
    return event | ({"queryStringParameters": dict(query)} if query else {})


def tick() -> dict[str, Any]:
    """Return what EventBridge Scheduler sends where the template names no input."""
    return {"time": "2026-01-15T09:30:00Z"}


def as_body(content: object) -> str:
    """Write JSON as a browser does."""
    return json.dumps(content, ensure_ascii=False)
