"""Builds the events that API Gateway would: HTTP API payload 2.0, and the WebSocket API's."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from local.addresses import ACCOUNT
from local.gateway.routes import Match

API_ID = "local"
_TEXT = ("application/json", "application/javascript", "application/xml")


def request_id() -> str:
    """Return a fresh id in API Gateway's style."""
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


def http_event(scope: Mapping[str, Any], body: bytes, match: Match) -> dict[str, Any]:
    """Return the payload 2.0 event of one HTTP request (reference/aws.md, 1, right-hand column).

    Header names are in lower case and repeated headers are joined by commas, cookies are listed separately, and the
    path is percent-decoded, as HTTP APIs deliver it; the query string is not.
    """
    headers = joined_headers(scope["headers"])
    cookies = [each.strip() for each in headers.pop("cookie", "").split(";") if each.strip()]
    query = scope["query_string"].decode("latin-1")
    event = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": scope["path"],
        "rawQueryString": query,
        "cookies": cookies,
        "headers": {**headers, **_forwarding(scope, headers)},
        "queryStringParameters": _joined(parse_qsl(query, keep_blank_values=True)),
        "requestContext": _context(scope, headers, match.key),
        "pathParameters": match.parameters,
        **_encoded(body, headers.get("content-type", "")),
    }
    return {
        name: value for name, value in event.items() if value or name in ("rawQueryString", "isBase64Encoded")
    }


def joined_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; repeated headers are joined by commas, cookies by semicolons."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ","
        joined[name] = f"{joined[name]}{separator}{value}" if name in joined else value
    return joined


def timestamp(instant: datetime) -> str:
    """Write an instant as API Gateway does: 22/Nov/2026:09:07:56 +0000."""
    return instant.strftime("%d/%b/%Y:%H:%M:%S +0000")


def socket_event(
    scope: Mapping[str, Any], *, connection_id: str, connected_at: datetime, route: str, kind: str
) -> dict[str, Any]:
    """Return a WebSocket API's event without its body. `kind` is CONNECT, MESSAGE or DISCONNECT."""
    now = datetime.now(UTC)
    headers = joined_headers(scope["headers"])
    host = headers.get("host", "")
    context = {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": request_id(),
        "requestId": request_id(),
        "requestTime": timestamp(now),
        "requestTimeEpoch": _epoch_ms(now),
        "messageDirection": "IN",
        "stage": scope["path"].strip("/"),
        "connectedAt": _epoch_ms(connected_at),
        "connectionId": connection_id,
        "identity": {"sourceIp": _client(scope), "userAgent": headers.get("user-agent", "")},
        "domainName": host,
        "apiId": API_ID,
    }
    event: dict[str, Any] = {"requestContext": context, "isBase64Encoded": False}
    if kind == "CONNECT":
        query = _joined(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        event |= {"headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()}}
        if query:
            event["queryStringParameters"] = query
    return event


def _context(scope: Mapping[str, Any], headers: Mapping[str, str], route_key: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    host = headers.get("host", "")
    return {
        "accountId": ACCOUNT,
        "apiId": API_ID,
        "domainName": host,
        "domainPrefix": host.split(".")[0].split(":")[0],
        "http": {
            "method": scope["method"],
            "path": scope["path"],
            "protocol": f"HTTP/{scope['http_version']}",
            "sourceIp": _client(scope),
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request_id(),
        "routeKey": route_key,
        "stage": "$default",
        "time": timestamp(now),
        "timeEpoch": _epoch_ms(now),
    }


def _forwarding(scope: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    earlier = headers.get("x-forwarded-for")
    return {
        "x-forwarded-for": f"{earlier}, {_client(scope)}" if earlier else _client(scope),
        "x-forwarded-port": str((scope.get("server") or ("", ""))[1]),
        "x-forwarded-proto": scope["scheme"],
    }


def _encoded(body: bytes, content_type: str) -> dict[str, Any]:
    """Return the body as the event carries it: text as it is, everything else (forms too) as base64."""
    if not body:
        return {"isBase64Encoded": False}
    if _is_text(content_type):
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass  # declared as text, but not UTF-8: only base64 preserves the bytes
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _is_text(content_type: str) -> bool:
    kind = content_type.split(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT or kind.endswith(("+json", "+xml"))


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _client(scope: Mapping[str, Any]) -> str:
    return str((scope.get("client") or ("127.0.0.1", 0))[0])


def _epoch_ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
