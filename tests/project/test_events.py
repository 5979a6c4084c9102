"""events/ is a library of whole Lambda events that tests, `sam local invoke -e` and replays read.

An event that no longer fits its function misleads whoever starts from it, so each is read here by the very
models and parsers that its function uses.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from banxway.entrypoints.http import ByPath
from banxway.models.callbacks import UnknownCallback
from banxway.models.queue_items import CallbackReceived
from banxway.providers.exotel import webhooks
from local.function_files import FunctionFile, read_functions
from tests.support.recorded_events import EVENTS, PLACEHOLDER, event, names
from tests.support.tree import ROOT

FUNCTIONS = {f"{each.area}/{each.folder}": each for each in read_functions()}
NAMES = names()
REFUSED = ("unknown_field", "unknown_type", "unreadable_beside_a_good_one")
"""The cases that are there to be refused."""

SECRET_KEY = re.compile(r"secret|token|password|api_?key|authorization|reference$|ticket", re.IGNORECASE)
FAKE_VALUE = re.compile(r"your_\w+")
SECRET_SHAPES = re.compile(
    r"eyJ[\w-]{10,}\.eyJ|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN|gh[pousr]_\w{30,}|xox[abp]-|sk_live_|SG\.[\w-]{20}"
)


def _has_route(name: str) -> bool:
    function = FUNCTIONS.get(name.partition("__")[0])
    return function is not None and bool(function.routes)


every_event = pytest.mark.parametrize("name", NAMES)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_has_an_event(function: str) -> None:
    """Without one nobody can try it, and nothing shows what it is given."""
    assert [name for name in NAMES if name.startswith(f"{function}__")]


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_function_has_a_test_file(function: FunctionFile) -> None:
    """The test stands where its function's path says; no search."""
    assert (ROOT / f"tests/functions/{function.area}/test_{function.folder}.py").is_file()


@every_event
def test_an_event_names_a_function_and_a_case(name: str) -> None:
    """`<area>/<function>__<case>`: a name that fits no function is a leftover."""
    function, separator, case = name.partition("__")

    assert function in FUNCTIONS
    assert separator
    assert re.fullmatch(r"[a-z0-9_]+", case)


@pytest.mark.parametrize("name", [name for name in NAMES if _has_route(name)])
def test_an_http_event_came_by_its_functions_route(name: str) -> None:
    """`rawPath`, `routeKey` and `pathParameters` say one thing, as API Gateway's do."""
    function, found = _of(name)
    travelled = found["routeKey"].split(" ", 1)[1]
    for parameter, value in found.get("pathParameters", {}).items():
        travelled = travelled.replace(f"{{{parameter}}}", value)

    assert found["routeKey"] in [f"{route.method} {route.path}" for route in function.routes]
    assert found["rawPath"] == found["requestContext"]["http"]["path"] == travelled
    assert all(header == header.lower() for header in found["headers"])


@every_event
def test_an_event_is_what_its_function_reads(name: str) -> None:
    """The success cases satisfy the models; the cases that are there to be refused do not."""
    is_refused = name.partition("__")[2] in REFUSED
    problems = list(_problems(*_of(name)))

    assert bool(problems) == is_refused, problems


@every_event
def test_an_event_holds_no_secret(name: str) -> None:
    """Recorded events are copied around; what stands in them must open nothing, and look like it."""
    text = (EVENTS / f"{name}.json").read_text()
    values = {path: value for path, value in _values(json.loads(text)) if SECRET_KEY.search(path[-1])}
    real = {path for path, value in values.items() if value and not _is_fake(value)}

    assert not SECRET_SHAPES.search(text)
    assert real == set()


def _of(name: str) -> tuple[FunctionFile, dict[str, Any]]:
    return FUNCTIONS[name.partition("__")[0]], event(name)


def _problems(function: FunctionFile, found: dict[str, Any]) -> Iterator[str]:
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
            yield from _item_problems(function.handler.worker, record["body"])
    elif kind == "socket":
        if found["requestContext"]["routeKey"] != function.trigger:
            yield "wrong route"
    elif kind == "timer" and found["source"] != "aws.scheduler":
        yield "not the scheduler's"


def _request_problems(function: FunctionFile, found: dict[str, Any]) -> Iterator[str]:
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


def _callback_problems(kind: str, body: bytes, content_type: str) -> Iterator[str]:
    if webhooks.challenge(body) is not None:
        return
    parse = {"whatsapp": webhooks.parse_whatsapp, "call_status": webhooks.parse_call_status}[kind]
    for callback in parse(body, content_type):
        if isinstance(callback, UnknownCallback):
            yield f"unknown: {callback.kind}"


def _item_problems(model: Any, body: str) -> Iterator[str]:
    try:
        item = model.model_validate_json(body)
    except ValidationError as error:
        yield str(error)
        return
    if isinstance(item, CallbackReceived) and item.body:
        yield from _callback_problems(item.kind, base64.b64decode(item.body), item.content_type)


def _validation_problems(model: Any, value: object) -> Iterator[str]:
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
