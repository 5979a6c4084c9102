"""Turns what a function returned into an HTTP response, by the rules of payload format 2.0."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """A response, ready to be written."""

    status: int
    headers: Headers
    body: bytes


def plain(status: int, message: str) -> Answer:
    """Return one of API Gateway's own answers."""
    return Answer(status, [("content-type", "application/json")], json.dumps({"message": message}).encode())


def not_found() -> Answer:
    """Return the answer for a request that matches no route."""
    return plain(404, "Not Found")


def too_large() -> Answer:
    """Return the answer for a body too large for an invocation: API Gateway's field and the product's beside it.

    On AWS only `message` is there, and cannot be changed (docs/decisions/005-too-large-bodies.md).
    """
    content = {
        "message": "Request Entity Too Large",
        "success": False,
        "error": "The body must not exceed 6 MB",
        "code": "too_large",
        "details": {"field": "body", "limit_bytes": 6 * 1024 * 1024},
        "request_id": str(uuid4()),
    }
    return Answer(413, [("content-type", "application/json")], json.dumps(content).encode())


def internal_error() -> Answer:
    """Return the answer for a function that failed or returned a malformed result."""
    return plain(500, "Internal Server Error")


def unavailable() -> Answer:
    """Return the answer for a function that took longer than API Gateway waits."""
    return plain(503, "Service Unavailable")


def from_result(result: Any) -> Answer:
    """Return the response that a function's result stands for.

    Without `statusCode` the whole result is a JSON body under 200. A malformed result is a 500.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        body = result.encode() if isinstance(result, str) else json.dumps(result).encode()
        return Answer(200, [("content-type", "application/json")], body)
    try:
        return _from_response(result)
    except (TypeError, ValueError, AttributeError, binascii.Error):
        return internal_error()


def _from_response(response: dict[str, Any]) -> Answer:
    status = int(response["statusCode"])
    if not 100 <= status <= 599:
        return internal_error()
    headers = [
        (str(name).lower(), _header_text(value)) for name, value in (response.get("headers") or {}).items()
    ]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    headers += [("set-cookie", str(cookie)) for cookie in response.get("cookies") or []]
    return Answer(status, headers, _body(response))


def _body(response: dict[str, Any]) -> bytes:
    body = response.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        body = json.dumps(body)
    return base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()


def _header_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
