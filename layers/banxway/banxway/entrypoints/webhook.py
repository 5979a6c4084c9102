"""@webhook: the decorator that turns one plain function into a receiver of provider callbacks.

    @webhook(kind=CallbackKind.WHATSAPP)
    def handler(callback: ReceivedCallback, app: App) -> None: ...

The route is public but protected: the URL contains a signed reference, which is verified in constant time before
anything else. Nothing here needs a database, a validator or a provider client, so a cold receiver answers fast.
A callback that is not genuine gets 401 and is only counted. An unreadable one gets 400 and is stored raw. Everything
else gets 200.

Lambda gives a whole processor while a function starts, and about a third of one afterwards. So what the first
callback needs is imported and made at the start.
"""

import base64
import functools
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from banxway.app import App as App
from banxway.app import current_app, runs_on_lambda
from banxway.entrypoints.invocation import invocation
from banxway.errors import BanxwayError
from banxway.log import get_logger
from banxway.security.references import CallbackKind as CallbackKind
from banxway.security.references import Reference, verify_signature


class ReceivedCallback(NamedTuple):
    """A genuine callback, verbatim; `readable` is False if the body does not even have the declared format."""

    reference: Reference
    content_type: str
    body: bytes
    readable: bool


Handler = Callable[[ReceivedCallback, App], None]


def webhook(*, kind: CallbackKind) -> Callable[[Handler], Callable[[dict[str, Any], Any], dict[str, Any]]]:
    """Receive one kind of callback. A reference for another kind is refused."""

    def decorate(function: Handler) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
        if runs_on_lambda():
            _prepare()

        @functools.wraps(function)
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            app = current_app()
            with invocation(app, context, "webhook", route=event.get("routeKey")):
                return _receive(kind, function, app, event)

        handler.webhook = kind  # type: ignore[attr-defined]  # read by the tests
        return handler

    return decorate


def _prepare() -> None:
    """Make what the first callback needs. A fault is left to the callback that meets it, and its answer."""
    try:
        current_app().webhooks.prepare_intake()
    except Exception:  # noqa: BLE001 -- a function that does not start answers nothing at all
        get_logger().exception("the receiver could not be prepared")


def _receive(kind: CallbackKind, function: Handler, app: App, event: dict[str, Any]) -> dict[str, Any]:
    try:
        callback = _authentic(kind, app, event)
        if callback.readable and (challenge := challenge_in(callback.body)) is not None:
            return _answer(200, {"challenge": challenge})
        function(callback, app)
    except BanxwayError as error:
        _count_refusal(kind, error)
        return _answer(error.status, {"success": False, "error": error.message, "code": error.code})
    except Exception:  # noqa: BLE001 -- anything but 200 makes the provider deliver again, which loses nothing
        get_logger().exception("callback not accepted")
        return _answer(500, {"success": False, "error": "Internal error", "code": "internal_error"})
    if not callback.readable:
        return _answer(400, {"success": False, "error": "The body cannot be read", "code": "bad_request"})
    return _answer(200, {"success": True})


def _authentic(kind: CallbackKind, app: App, event: dict[str, Any]) -> ReceivedCallback:
    query = event.get("queryStringParameters") or {}
    reference = app.infrastructure.references.verify(query.get("reference"), kind=kind)
    text = event.get("body") or ""
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    headers = event.get("headers") or {}
    signature_secret = app.infrastructure.settings.exotel_signature_secret
    if signature_secret:
        verify_signature(headers.get("x-exotel-signature", ""), body, secret=signature_secret)
    content_type = headers.get("content-type", "application/json")
    readable = app.webhooks.is_readable(kind, body, content_type)
    return ReceivedCallback(reference, content_type, body, readable)


def challenge_in(body: bytes) -> str | None:
    """Return what a verification handshake wants echoed (reference/exotel.md, 10), or None."""
    # A form may contain the word, too.
    if not body.lstrip().startswith(b"{") or b'"challenge"' not in body:
        return None
    try:
        content = json.loads(body)
    except ValueError:
        return None
    is_handshake = content.get("type") == "verification" and isinstance(content.get("challenge"), str)
    # A body that also reports something must be applied.
    says_more = not content.keys().isdisjoint(("whatsapp", "CallSid", "call_details"))
    return content["challenge"] if is_handshake and not says_more else None


def _count_refusal(kind: CallbackKind, error: BanxwayError) -> None:
    """Log a line that a metric filter counts, with nothing of what was sent."""
    get_logger().warning("callback refused", kind=kind, status=error.status, reason=error.message)


def _answer(status: int, content: dict[str, Any]) -> dict[str, Any]:
    # A 401 must have this header (RFC 9110, 11.6.1); it says that only the reference in the URL is accepted.
    challenge = {"WWW-Authenticate": 'Reference realm="callbacks"'} if status == 401 else {}
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **challenge},
        "body": json.dumps(content),
    }
