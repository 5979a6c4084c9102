"""Writes openapi.json from the functions themselves: `python -m local.openapi [--check]`.

Everything comes from where it is already said: routes from template.yaml, permission and models from the
decorator, the answer from the handler's return annotation, words from its docstring. docs/decisions says why
this is not left to Powertools.
"""

import ast
import inspect
import json
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args, get_type_hints

from local.function_files import ROOT, FunctionFile, add_layer_to_path, read_functions
from local.openapi_parts import COMPONENTS, envelope, errors, file_answer, page_answer, parameter
from local.openapi_schemas import Schemas
from local.stale import write_or_check

TARGET = "openapi.json"
_CALLBACK_TYPES = {
    "call_status": ("multipart/form-data", "application/json", "application/x-www-form-urlencoded"),
    "whatsapp": ("application/json",),
}


def build(functions: Iterable[FunctionFile], *, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these functions. Raises ClashingNames for two models of one name."""
    from banxway.entrypoints.http import ByPath

    http = [function for function in functions if function.routes]
    schemas = Schemas(_models_of(http, ByPath))
    paths: dict[str, dict[str, Any]] = {}
    for function in http:
        describe = _endpoint if function.kind == "endpoint" else _webhook
        for route, operation_id in zip(function.routes, _operation_ids(function), strict=True):
            operation = {"operationId": operation_id, **describe(function, schemas)}
            paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Banxway Integrations",
            "version": version,
            "description": "Phone, WhatsApp, SMS and mail for one team's inbox.",
        },
        "security": [{"session": []}],
        "tags": [{"name": area} for area in dict.fromkeys(function.area for function in http)],
        "paths": paths,
        "components": {**COMPONENTS, "schemas": {**COMPONENTS["schemas"], **schemas.definitions}},
    }


def render(root: Path = ROOT) -> str:
    """Return openapi.json as it should be; the same tree always gives the same text."""
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    return json.dumps(build(read_functions(root), version=version), indent=2, ensure_ascii=False) + "\n"


def _models_of(functions: Iterable[FunctionFile], by_path: Any) -> dict[tuple[str, str], Any]:
    """Name every model that a body or an answer is made of, so that all are described at once."""
    models: dict[tuple[str, str], Any] = {}
    for function in functions:
        if function.kind != "endpoint":
            continue
        body = function.handler.endpoint.body
        if isinstance(body, by_path):
            models |= {(f"{function.operation}:{name}", "validation"): m for name, m in body.models.items()}
        elif body is not None:
            models[function.operation, "validation"] = body
        if not _Written(function.handler).answers_apart:
            models[function.operation, "serialization"] = answer_of(function.handler)
    return models


def answer_of(handler: Callable[..., Any]) -> Any:
    """Return X of a handler annotated `-> Reply[X]`. Raises TypeError for any other annotation."""
    returned = get_type_hints(inspect.unwrap(handler)).get("return")
    arguments = get_args(returned)
    if len(arguments) != 1:
        raise TypeError(f"{handler.__module__}: the handler must be annotated -> Reply[...]")
    return arguments[0]


def _operation_ids(function: FunctionFile) -> list[str]:
    """The first route has the function's own name; further ones add their event's."""
    first, *others = function.routes
    del first
    return [function.operation, *(f"{function.operation}_{route.event.lower()}" for route in others)]


def _endpoint(function: FunctionFile, schemas: Schemas) -> dict[str, Any]:
    declared = function.handler.endpoint
    written = _Written(function.handler)
    parameters = [*_path_parameters(function, written), *schemas.query_parameters(declared.query)]
    if declared.idempotent:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    operation: dict[str, Any] = _words(function, permission=declared.permission)
    if declared.permission is None:
        operation["security"] = []
    if parameters:
        operation["parameters"] = parameters
    if declared.body is not None:
        content = {"application/json": {"schema": _body_schema(function, schemas)}}
        is_optional = getattr(declared.body, "may_be_empty", False)
        operation["requestBody"] = {"required": not is_optional, "content": content}
    operation["responses"] = {
        **_answers(function, schemas, written),
        **errors(
            signed_in=declared.permission is not None,
            has_body=declared.body is not None,
            has_input=bool(parameters) or declared.body is not None,
            has_path="{" in function.routes[0].path,
            is_idempotent=declared.idempotent,
            besides=written.statuses,
        ),
    }
    return operation


def _words(function: FunctionFile, *, permission: str | None) -> dict[str, Any]:
    from banxway.security.permissions import PERMISSIONS

    sentences = [" ".join(function.details.split())] if function.details else []
    words: dict[str, Any] = {"tags": [function.area], "summary": function.summary}
    if permission is not None:
        roles = [role for role in ("admin", "manager", "agent") if role in PERMISSIONS[permission]]
        sentences.append(f"Needs the permission `{permission}`, which these roles have: {', '.join(roles)}.")
        words["x-permission"] = permission
    if sentences:
        words["description"] = "\n\n".join(sentences)
    return words


def _body_schema(function: FunctionFile, schemas: Schemas) -> dict[str, Any]:
    body = function.handler.endpoint.body
    if not hasattr(body, "parameter"):
        return schemas.of(function.operation, "validation")
    return {
        "anyOf": [schemas.of(f"{function.operation}:{name}", "validation") for name in body.models],
        "description": f"Which of these, the path's `{body.parameter}` decides, in this order: "
        + ", ".join(body.models),
    }


def _path_parameters(function: FunctionFile, written: "_Written") -> list[dict[str, Any]]:
    names = [part[1:-1] for part in function.routes[0].path.split("/") if part.startswith("{")]
    body = function.handler.endpoint.body
    schemas = dict(written.path_schemas)
    if hasattr(body, "parameter"):
        schemas[body.parameter] = {"type": "string", "enum": sorted(body.models)}
    return [parameter(name, "path", schemas.get(name, {"type": "string"}), required=True) for name in names]


def _answers(function: FunctionFile, schemas: Schemas, written: "_Written") -> dict[str, Any]:
    if written.file_type:
        return {"200": file_answer(written.file_type)}
    if written.is_html:
        return {"200": page_answer()}
    answers = {}
    for status in written.statuses:
        schema = envelope(
            schemas.of(function.operation, "serialization"),
            is_success=status < 400,
            has_message=written.has_message,
            is_list=written.is_list,
            is_page=written.is_page,
        )
        if status == 422:
            schema = {"anyOf": [schema, {"$ref": "#/components/schemas/Failure"}]}
        words = "Done" if status < 400 else "Done, and what was asked about does not work"
        answers[str(status)] = {"description": words, "content": {"application/json": {"schema": schema}}}
    return answers


def _webhook(function: FunctionFile, schemas: Schemas) -> dict[str, Any]:
    del schemas  # a provider's callback has no model of ours
    kinds = _CALLBACK_TYPES[function.handler.webhook]
    content = {kind: {"schema": {"type": "object"}} for kind in kinds}
    return {
        **_words(function, permission=None),
        "security": [{"callbackReference": []}],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": {"$ref": "#/components/responses/CallbackTaken"},
            **{
                status: {"$ref": "#/components/responses/CallbackRefused"}
                for status in ("400", "401", "500", "503")
            },
        },
    }


class _Written:
    """What only the handler's own lines say: its statuses, its message, how it reads the path."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        function = inspect.unwrap(handler)
        calls = [
            node
            for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function))))
            if isinstance(node, ast.Call)
        ]
        named = {call.func.id: call for call in calls if isinstance(call.func, ast.Name)}
        self.is_page = "page" in named
        self.is_list = self.is_page or "listing" in named
        keywords = {each.arg: each.value for each in named["Reply"].keywords} if "Reply" in named else {}
        self.has_message = "message" in keywords
        self.file_type = _file_type(named.get("File"))
        self.is_html = "HtmlPage" in named
        self.answers_apart = bool(self.file_type) or self.is_html
        self.statuses = _numbers_in(keywords.get("status")) or [200]
        self.path_schemas = dict(_path_schemas(calls, function.__globals__))


def _numbers_in(node: ast.AST | None) -> list[int]:
    if node is None:
        return []
    found = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return sorted(number for number in found if isinstance(number, int))


def _file_type(call: ast.Call | None) -> str | None:
    """Return the media type of the file that a handler answers with, without its parameters."""
    types = {each.arg: each.value for each in call.keywords} if call else {}
    return str(ast.literal_eval(types["content_type"])).partition(";")[0] if types else None


def _path_schemas(calls: Iterable[ast.Call], names: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for call in calls:
        reader = call.func
        if not isinstance(reader, ast.Attribute) or ast.unparse(reader.value) != "request.path":
            continue
        name = ast.literal_eval(call.args[0])
        if reader.attr == "uuid":
            yield name, {"type": "string", "format": "uuid"}
        elif reader.attr == "choice":
            yield name, {"type": "string", "enum": sorted(names[ast.unparse(call.args[1])])}


def main() -> int:
    """Write openapi.json, or with --check say whether it is as it should be."""
    add_layer_to_path()
    return write_or_check({ROOT / TARGET: render()}, again="python -m local.openapi")


if __name__ == "__main__":
    sys.exit(main())
