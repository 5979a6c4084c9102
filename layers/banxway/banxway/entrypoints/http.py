"""@endpoint: the decorator that turns one plain function into an HTTP endpoint.

    @endpoint(permission="threads:view", query=ThreadQuery)
    def handler(request: Request, app: App) -> Reply[list[ThreadSummary]]: ...

In this order, each step a function below: authenticate, authorize, parse and validate, call, write the answer, and
map every error to the one error shape. Only this module knows about HTTP status codes.
"""

import functools
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from pydantic import BaseModel

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.invocation import invocation
from banxway.entrypoints.reading import JsonBody, body_bytes
from banxway.entrypoints.replies import File as File
from banxway.entrypoints.replies import HtmlPage as HtmlPage
from banxway.entrypoints.replies import Reply as Reply
from banxway.entrypoints.replies import (
    failure_response,
    file_response,
    json_response,
    page_response,
    unexpected_response,
)
from banxway.entrypoints.replies import listing as listing
from banxway.entrypoints.replies import page as page
from banxway.entrypoints.validating import NoQuery, validated, validated_query
from banxway.errors import BanxwayError, UnknownSubject, ValidationFailed
from banxway.log import bind, get_logger
from banxway.models.actors import Actor
from banxway.models.messages.messages import IdempotencyKey
from banxway.models.values.quoting import one_of
from banxway.security import permissions

if TYPE_CHECKING:
    from banxway.security.sessions import SessionClaims

Event = dict[str, Any]
Response = dict[str, Any]
_LONGEST_BODY = 1_000_000
_ENTITY_TAG = re.compile(r'"([!#-~]{1,100})"')


@dataclass(frozen=True, slots=True)
class Request:
    """A request as its handler sees it; `body` and `query` are instances of the declared models.

    `once` is set if the route accepts Idempotency-Key and the caller sent one. `verified_phone_number` is the one
    that the session token proves to be the caller's, as its issuer writes it. `based_on` is set if the route is
    versioned and the caller sent If-Match: the version of the setting that the change is based on.
    """

    actor: Actor
    verified_phone_number: str | None
    path: "Path"
    query: Any
    body: Any
    once: IdempotencyKey | None
    based_on: str | None = None


class Path:
    """The path's parameters, by type."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = parameters

    def text(self, name: str) -> str:
        """Return a parameter, unchanged."""
        return self._parameters[name]

    def uuid(self, name: str) -> UUID:
        """Return a parameter as an id. Raises ValidationFailed naming it."""
        try:
            return UUID(self._parameters[name])
        except ValueError as error:
            raise ValidationFailed(f"{name} must be a UUID", field=name) from error

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Return a parameter that must be one of `choices`. Raises ValidationFailed naming it and them."""
        chosen = self._parameters[name]
        if chosen not in choices:
            raise ValidationFailed(f"{name} must be {one_of(sorted(choices))}", field=name)
        return chosen


@dataclass(frozen=True, slots=True)
class ByPath:
    """A body whose model depends on a path parameter. If it `may_be_empty`, a missing body and `{}` give None."""

    parameter: str
    models: Mapping[str, type[BaseModel]]
    may_be_empty: bool = False


Handler = Callable[[Request, App], Reply[Any] | File | HtmlPage]
LambdaHandler = Callable[[Event, Any], Response]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The decorator's arguments; openapi.json and the permission tests are derived from them."""

    permission: str | None
    query: type[BaseModel] | None = None
    body: Any = None
    idempotent: bool = False
    versioned: bool = False
    notifies: bool = False
    longest_body: int = field(default=_LONGEST_BODY)


def endpoint(
    *,
    permission: str | None = None,
    public: bool = False,
    query: type[BaseModel] | None = None,
    body: Any = None,
    idempotent: bool = False,
    versioned: bool = False,
    notifies: bool = False,
) -> Callable[[Handler], LambdaHandler]:
    """Serve a route for users with `permission`, or for everybody if it is `public`; one of the two is required.

    `body` is a model, a union of models, or ByPath. `idempotent` passes Idempotency-Key to the handler, and
    `versioned` the version in If-Match.
    `notifies` is for what changes a setting: the organization's browsers see it at once, not a minute later.
    """
    if public == (permission is not None):
        raise TypeError("an endpoint is either public or names the permission that it requires")
    if permission is not None and permission not in permissions.PERMISSIONS:
        raise TypeError(f"no such permission: {permission}")
    declared = Endpoint(
        permission=permission,
        query=query,
        body=body,
        idempotent=idempotent,
        versioned=versioned,
        notifies=notifies,
    )

    def decorate(function: Handler) -> LambdaHandler:
        @functools.wraps(function)
        def handler(event: Event, context: Any) -> Response:
            app = current_app()
            with invocation(app, context, "endpoint", route=event.get("routeKey")):
                return _serve(declared, function, app, event)

        handler.endpoint = declared  # type: ignore[attr-defined]  # read by local/openapi/ and the tests
        return cast("LambdaHandler", handler)

    return decorate


def _serve(declared: Endpoint, function: Handler, app: App, event: Event) -> Response:
    request_id = event["requestContext"]["requestId"]
    try:
        actor, claims = _authenticate(declared, app, event)
        if declared.permission:
            permissions.require(actor, declared.permission)
        request = _read(declared, event, actor, claims)
        return _success(_called(declared, function, request, app), event)
    except BanxwayError as error:
        if error.status >= 500:
            get_logger().error(error.message, code=error.code, exc_info=error)
        return failure_response(error, request_id)
    except Exception:  # noqa: BLE001 -- the last line of defence: a caller sees the request id and nothing else
        get_logger().exception("unexpected failure")
        return unexpected_response(request_id)


def _called(
    declared: Endpoint, function: Handler, request: Request, app: App
) -> Reply[Any] | File | HtmlPage:
    try:
        return function(request, app)
    finally:
        # After a failure, too: a failed test turns a badge.
        if declared.notifies:
            _notify(request.actor, app)


def _notify(actor: Actor, app: App) -> None:
    app.notices.notify(actor.organization_id)


def _authenticate(declared: Endpoint, app: App, event: Event) -> "tuple[Actor, SessionClaims | None]":
    if declared.permission is None:
        return _NOBODY, None
    from banxway.security.sessions import parse_bearer

    claims = app.infrastructure.sessions.verify(parse_bearer(event.get("headers", {}).get("authorization")))
    actor = _signed_in(app, claims)
    bind(organization_id=str(actor.organization_id), user_id=str(actor.user_id))
    return actor, claims


def _signed_in(app: App, claims: "SessionClaims") -> Actor:
    """Return the token's user; a subject that is nobody's first accepts the invitation of its address."""
    database = app.infrastructure.database
    try:
        return database.sign_in(claims.subject)
    except UnknownSubject:
        return app.team.first_sign_in.sign_in(claims)


_NOBODY = Actor(user_id=UUID(int=0), organization_id=UUID(int=0), role="", email="")


def _read(declared: Endpoint, event: Event, actor: Actor, claims: "SessionClaims | None") -> Request:
    path = Path(event.get("pathParameters") or {})
    return Request(
        actor=actor,
        verified_phone_number=claims.phone_number if claims else None,
        path=path,
        query=validated_query(declared.query or NoQuery, event.get("queryStringParameters") or {}),
        body=_read_body(declared, event, path),
        once=_idempotency_key(event) if declared.idempotent else None,
        based_on=_version(event) if declared.versioned else None,
    )


def _read_body(declared: Endpoint, event: Event, path: Path) -> Any:
    if declared.body is None:
        return None
    model = declared.body
    raw = body_bytes(event, longest=declared.longest_body)
    if isinstance(model, ByPath):
        chosen = model.models[path.choice(model.parameter, model.models)]
        if model.may_be_empty and raw.translate(None, b" \t\r\n") in (b"", b"{}"):
            return None
        model = chosen
    return validated(model, JsonBody.read(raw))


def _idempotency_key(event: Event) -> IdempotencyKey | None:
    key = event.get("headers", {}).get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise ValidationFailed(
            "Idempotency-Key must have 1 to 255 printable characters", field="Idempotency-Key"
        )
    return IdempotencyKey(key=key, route=event["routeKey"])


def _version(event: Event) -> str | None:
    """Return the version in If-Match (RFC 9110, 13.1.1), None without the header; forms need no list and no `*`."""
    given = event.get("headers", {}).get("if-match")
    if given is None:
        return None
    tag = _ENTITY_TAG.fullmatch(given)
    if tag is None:
        raise ValidationFailed(
            'If-Match must be the version that you have read, in double quotes, such as "yo1Ks3xYPuc2"',
            field="If-Match",
        )
    return tag[1]


def _success(reply: Reply[Any] | File | HtmlPage, event: Event) -> Response:
    if isinstance(reply, File):
        return file_response(reply, event.get("headers", {}))
    if isinstance(reply, HtmlPage):
        return page_response(reply, event.get("headers", {}))
    return json_response(reply)
