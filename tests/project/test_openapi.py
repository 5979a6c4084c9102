"""openapi.json says what the functions do: every route, its permission, its answer's shape."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import create_model

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import functions
from tests.support.gates.tree import parse, python_files

if TYPE_CHECKING:
    from local.function_files import FunctionFile


@rule
def test_it_has_every_route_of_the_template_and_no_other() -> Sentences:
    """A route that is not in it exists for nobody who reads it."""
    routes = {(route.method, route.path) for each in functions() for route in each.routes}
    for method, path in sorted(routes ^ set(_operations())):
        is_known = (method, path) in routes
        yield f"{method} {path} is in {'template.yaml' if is_known else 'openapi.json'} alone"


@rule
def test_operation_ids_are_unique() -> Sentences:
    """Client generators make functions of them."""
    ids = [operation["operationId"] for operation in _operations().values()]
    for each in sorted(set(ids)):
        if ids.count(each) > 1:
            yield f"{each} is the operationId of {ids.count(each)} routes"


@rule
def test_an_operation_bears_its_functions_name_area_and_sentence() -> Sentences:
    """From a name in the document to the folder in one step."""
    for function, operation in _documented():
        said = (operation.get("operationId"), operation.get("tags"), operation.get("summary"))
        wanted = (function.operation, [function.area], function.summary)
        if said != wanted:
            yield f"{function.operation} is documented as {said}, and should be as {wanted}"


@rule
def test_an_operation_is_closed_unless_its_function_is_public() -> Sentences:
    """What the document calls open must be open on purpose, and nothing else may be."""
    from banxway.security.permissions import PERMISSIONS

    for function, operation in _documented():
        permission = function.handler.endpoint.permission if function.kind == "endpoint" else None
        said = operation.get("x-permission")
        if said != permission:
            yield f"{function.operation} is documented to want {said}, and wants {permission}"
        if ("security" not in operation) != (permission in PERMISSIONS):
            yield f"{function.operation} is documented as {'closed' if 'security' not in operation else 'open'}"


@rule
def test_every_variable_of_a_path_is_described() -> Sentences:
    """A variable without a parameter makes the document invalid."""
    for function, operation in _documented():
        described = {each["name"] for each in operation.get("parameters", []) if each.get("in") == "path"}
        for name in sorted(described ^ set(re.findall(r"\{(\w+)\}", function.routes[0].path))):
            yield f"{function.operation}: {name} is in its path or among its parameters, and not in both"


@rule
def test_idempotency_key_is_offered_where_it_is_honoured() -> Sentences:
    """A key that is not honoured would make a client believe that repeating is safe."""
    for function, operation in _documented():
        offered = {"$ref": "#/components/parameters/IdempotencyKey"} in operation.get("parameters", [])
        honoured = function.kind == "endpoint" and function.handler.endpoint.idempotent
        if offered != honoured:
            yield f"{function.operation} {'offers' if offered else 'honours'} Idempotency-Key, and nothing more"


@rule
def test_every_reference_leads_somewhere() -> Sentences:
    """A reader of the document must be able to follow each."""
    for reference in sorted(set(_references(_document()))):
        if _resolve(reference) is None:
            yield f"{reference} leads nowhere"


@rule
def test_every_schema_is_a_valid_json_schema() -> Sentences:
    """OpenAPI 3.1's schemas are JSON Schema 2020-12."""
    for name, schema in _document().get("components", {}).get("schemas", {}).items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            yield f"{name} is no schema: {error.message}"


def test_two_models_of_one_name_are_refused() -> None:
    """Tools that merge schemas by name keep the last and say nothing; both routes then show one of them."""
    from local.openapi.document import build
    from local.openapi.schemas import ClashingNames

    first, second = create_model("Item", size=(int, ...)), create_model("Item", colour=(str, ...))

    with pytest.raises(ClashingNames, match="Item"):
        build([_function("first", first), _function("second", second)], version="1")


@rule
def test_no_two_models_of_the_product_share_a_name() -> Sentences:
    """Also those that no route shows yet."""
    names = [
        node.name
        for file in python_files("layers/banxway/banxway/models")
        for node in parse(file).body
        if type(node).__name__ == "ClassDef" and not node.name.startswith("_")
    ]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield f"{name} is the name of {names.count(name)} models"


@cache
def _document() -> dict[str, Any]:
    """Return the document as it is generated now; test_documents.py says where the file is stale."""
    from local.openapi import document as openapi

    found: dict[str, Any] = json.loads(openapi.render())
    return found


def _operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, each in _document().get("paths", {}).items()
        for method, operation in each.items()
    }


def _documented() -> "Iterator[tuple[FunctionFile, dict[str, Any]]]":
    """Yield every function with a route, and what the document says of it."""
    for function in functions():
        if function.routes:
            route = function.routes[0]
            yield function, _operations().get((route.method, route.path), {})


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
    found: Any = _document()
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part) if found is not None else None
    return found


def _function(name: str, model: type) -> "FunctionFile":
    from banxway.entrypoints.http import App, Reply, Request, endpoint
    from local.function_files import FunctionFile, Route

    @endpoint(permission="threads:view")
    def handler(request: Request, app: App) -> Reply[None]:
        return Reply(None)

    handler.__wrapped__.__annotations__["return"] = Reply[model]
    return FunctionFile("things", name, "", f"show {name}.", "", handler, (Route("GET", f"/{name}", "Http"),))
