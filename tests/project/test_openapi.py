"""openapi.json says what the functions do: every route, its permission, its answer's shape."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import create_model

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.security.permissions import PERMISSIONS
from local.function_files import FunctionFile, Route, read_functions
from local.openapi import build
from local.openapi_schemas import ClashingNames
from tests.support.tree import ROOT, parse, python_files

DOCUMENT: dict[str, Any] = json.loads((ROOT / "openapi.json").read_text())
FUNCTIONS = [function for function in read_functions() if function.routes]
OPERATIONS = {
    (method.upper(), path): operation
    for path, each in DOCUMENT["paths"].items()
    for method, operation in each.items()
}

every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.operation)


def test_it_has_every_route_of_the_template_and_no_other() -> None:
    """A route that is not in it exists for nobody who reads it."""
    assert set(OPERATIONS) == {(route.method, route.path) for each in FUNCTIONS for route in each.routes}


def test_operation_ids_are_unique() -> None:
    """Client generators make functions of them."""
    ids = [operation["operationId"] for operation in OPERATIONS.values()]

    assert sorted(ids) == sorted(set(ids))


@every_function
def test_an_operation_bears_its_functions_name_area_and_sentence(function: FunctionFile) -> None:
    """From a name in the document to the folder in one step."""
    operation = _operation(function)

    assert operation["operationId"] == function.operation
    assert operation["tags"] == [function.area]
    assert operation["summary"] == function.summary


@every_function
def test_an_operation_is_closed_unless_its_function_is_public(function: FunctionFile) -> None:
    """What the document calls open must be open on purpose, and nothing else may be."""
    operation = _operation(function)
    permission = function.handler.endpoint.permission if function.kind == "endpoint" else None

    assert operation.get("x-permission") == permission
    assert ("security" not in operation) == (permission in PERMISSIONS)


@every_function
def test_every_variable_of_a_path_is_described(function: FunctionFile) -> None:
    """A variable without a parameter makes the document invalid."""
    described = {
        each["name"] for each in _operation(function).get("parameters", []) if each.get("in") == "path"
    }

    assert described == set(re.findall(r"\{(\w+)\}", function.routes[0].path))


@every_function
def test_idempotency_key_is_offered_where_it_is_honoured(function: FunctionFile) -> None:
    """A key that is not honoured would make a client believe that repeating is safe."""
    offered = {"$ref": "#/components/parameters/IdempotencyKey"} in _operation(function).get("parameters", [])

    assert offered == (function.kind == "endpoint" and function.handler.endpoint.idempotent)


def test_every_reference_leads_somewhere() -> None:
    """A reader of the document must be able to follow each."""
    dangling = [reference for reference in _references(DOCUMENT) if _resolve(reference) is None]

    assert not dangling, "\n".join(dangling)


def test_every_schema_is_a_valid_json_schema() -> None:
    """OpenAPI 3.1's schemas are JSON Schema 2020-12."""
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_two_models_of_one_name_are_refused() -> None:
    """Tools that merge schemas by name keep the last and say nothing; both routes then show one of them."""
    first, second = create_model("Item", size=(int, ...)), create_model("Item", colour=(str, ...))

    with pytest.raises(ClashingNames, match="Item"):
        build([_function("first", first), _function("second", second)], version="1")


def test_no_two_models_of_the_product_share_a_name() -> None:
    """Also those that no route shows yet."""
    names = [
        node.name
        for file in python_files("layers/banxway/banxway/models")
        for node in parse(file).body
        if type(node).__name__ == "ClassDef" and not node.name.startswith("_")
    ]

    assert sorted(names) == sorted(set(names))


def _operation(function: FunctionFile) -> dict[str, Any]:
    route = function.routes[0]
    operation: dict[str, Any] = OPERATIONS[route.method, route.path]
    return operation


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _resolve(reference: str) -> Any:
    found: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part) if found is not None else None
    return found


def _function(name: str, model: type) -> FunctionFile:
    @endpoint(permission="threads:view")
    def handler(request: Request, app: App) -> Reply[None]:
        return Reply(None)

    handler.__wrapped__.__annotations__["return"] = Reply[model]
    return FunctionFile("things", name, "", f"show {name}.", "", handler, (Route("GET", f"/{name}", "Http"),))
