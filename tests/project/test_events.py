"""events/ is a library of whole Lambda events that tests, `sam local invoke -e` and replays read.

An event that no longer fits its function misleads everybody who starts from it, so each is read here by the very
models and parsers that its function uses.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tests.support.gates.recorded_events import EVENTS, PLACEHOLDER, event, functions_of_events, names
from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.template_file import functions

REFUSED = ("unknown_field", "unknown_type", "unreadable_beside_a_good_one")
"""The cases that are there to be refused."""

SECRET_KEY = re.compile(r"secret|token|password|api_?key|authorization|reference$|ticket", re.IGNORECASE)
FAKE_VALUE = re.compile(r"your_\w+")
SECRET_SHAPES = re.compile(
    r"eyJ[\w-]{10,}\.eyJ|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN|gh[pousr]_\w{30,}|xox[abp]-|sk_live_|SG\.[\w-]{20}"
)


@rule
def test_an_event_names_a_function_and_a_case() -> Sentences:
    """`<area>/<function>__<case>`: a name that fits no function is a leftover."""
    known = {f"{each.area}/{each.folder}" for each in functions()}
    if not names():
        yield "events/ is empty"
    for name in names():
        function, _, case = name.partition("__")
        if function not in known:
            yield f"events/{name}.json is for functions/{function}, which is not there"
        if not re.fullmatch(r"[a-z0-9_]+", case):
            yield f"events/{name}.json says not which case it is: <function>__<case>.json"


@rule
def test_an_http_event_came_by_its_functions_route() -> Sentences:
    """`rawPath`, `routeKey` and `pathParameters` say one thing, as API Gateway's do."""
    for name, function in functions_of_events():
        if function.routes:
            found = event(name)
            key, path = found.get("routeKey", ""), found.get("rawPath", "")
            travelled = key.partition(" ")[2]
            for parameter, value in found.get("pathParameters", {}).items():
                travelled = travelled.replace(f"{{{parameter}}}", value)
            if key not in [f"{route.method} {route.path}" for route in function.routes]:
                yield f"{name} came by {key!r}, which is not its function's route"
            if not path == found.get("requestContext", {}).get("http", {}).get("path") == travelled:
                yield f"{name} came by {path!r}, and its route and parameters say {travelled!r}"
            for header in found.get("headers", {}):
                if header != header.lower():
                    yield f"{name} has the header {header}; HTTP APIs write them small"


@rule
def test_an_event_is_what_its_function_reads() -> Sentences:
    """The success cases satisfy the models; the cases that are there to be refused do not."""
    for name, function in functions_of_events():
        is_refused = name.partition("__")[2] in REFUSED
        problems = list(_problems_of_any(function, event(name)))
        if is_refused and not problems:
            yield f"{name} is there to be refused, and nothing is wrong with it"
        elif not is_refused:
            yield from (f"{name}: {' '.join(problem.split())}" for problem in problems)


@rule
def test_an_event_holds_no_secret() -> Sentences:
    """Recorded events are copied around; what stands in them must open nothing, and look like it."""
    for name in names():
        if SECRET_SHAPES.search(text_of(EVENTS / f"{name}.json")):
            yield f"{name} holds what has the shape of a secret"
        for path, value in _values(event(name)):
            if SECRET_KEY.search(path[-1]) and value and not _is_fake(value):
                yield f"{name}: {'.'.join(path)} is no placeholder and does not begin with your_"


def _problems_of_any(function: Any, found: dict[str, Any]) -> Sentences:
    try:
        yield from _problems(function, found)
    except (LookupError, TypeError, ValueError) as error:
        yield f"it is no whole event: {type(error).__name__} {error}"


def _problems(function: Any, found: dict[str, Any]) -> Sentences:
    """Yield what is wrong with an event, read as its function would."""
    kind = function.kind
    if kind == "endpoint":
        yield from _request_problems(function, found)
    elif kind == "webhook":
        yield from _callback_problems(
            function.handler.webhook, _body(found), found["headers"]["content-type"]
        )
    elif kind == "worker":
        for record in found["Records"]:
            yield from _item_problems(function.handler.worker, record)
    elif kind == "socket":
        if found["requestContext"]["routeKey"] != function.trigger:
            yield "wrong route"
    elif kind == "timer" and found["source"] != "aws.scheduler":
        yield "not the scheduler's"


def _request_problems(function: Any, found: dict[str, Any]) -> Sentences:
    from banxway.entrypoints.http import ByPath

    declared = function.handler.endpoint
    model = declared.body
    path = found.get("pathParameters", {})
    if "carrier_pigeon" in path.values():
        yield "no such type"
    if isinstance(model, ByPath):
        model = model.models[path[model.parameter]]
    if model is not None:
        yield from _validation_problems(model, json.loads(found["body"]))
    if declared.query is not None:
        yield from _validation_problems(declared.query, found.get("queryStringParameters", {}))
    if declared.permission and not found["headers"]["authorization"].startswith("Bearer {{token:"):
        yield "no token"


def _callback_problems(kind: str, body: bytes, content_type: str) -> Sentences:
    from banxway.entrypoints.webhook import challenge_in
    from banxway.models.webhooks.callbacks import UnknownCallback
    from banxway.providers.exotel import webhooks

    if challenge_in(body) is not None:
        return
    parse = {"whatsapp": webhooks.parse_whatsapp, "call_status": webhooks.parse_call_status}[kind]
    for callback in parse(body, content_type):
        if isinstance(callback, UnknownCallback):
            yield f"unknown: {callback.kind}"


def _item_problems(model: Any, record: dict[str, Any]) -> Sentences:
    from banxway.models.queue_items import CallbackReceived

    try:
        item = model.read(record)
    except ValidationError as error:
        yield str(error)
        return
    if isinstance(item, CallbackReceived) and item.body:
        yield from _callback_problems(item.kind, base64.b64decode(item.body), item.content_type)


def _validation_problems(model: Any, value: object) -> Sentences:
    try:
        TypeAdapter(model).validate_python(value)
    except ValidationError as error:
        yield str(error)


def _body(found: dict[str, Any]) -> bytes:
    return base64.b64decode(found["body"]) if found["isBase64Encoded"] else found["body"].encode()


def _values(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text with its path, also inside texts that are JSON themselves."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _values(value, (*path, key))
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, path)
    elif isinstance(node, str) and node.startswith(("{", "[")) and not PLACEHOLDER.match(node):
        yield from _values(json.loads(node), path)
    elif isinstance(node, str):
        yield path, node


def _is_fake(value: str) -> bool:
    return bool(FAKE_VALUE.fullmatch(value) or PLACEHOLDER.fullmatch(value.removeprefix("Bearer ")))
