"""Builds openapi.json from the functions themselves.

Nothing is declared twice: routes come from template.yaml, permission and models from the decorator, the answer
from the handler's return annotation, texts from its docstring. docs/decisions says why this is not left to
Powertools.
"""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from local.function_files import ROOT, FunctionFile, read_functions
from local.openapi.examples import Examples, bodies_of, callbacks_of
from local.openapi.parts import (
    COMPONENTS,
    PATH_WORDS,
    SERVERS,
    TAGS,
    envelope,
    file_answer,
    page_answer,
    parameter,
)
from local.openapi.refusals import refusal_beside, refusal_examples, refusals_among, refusals_of
from local.openapi.schemas import Schemas
from local.openapi.written import Written, answer_of

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
            "description": "Phone, WhatsApp, SMS and mail for one team's inbox. No text may contain NUL.",
        },
        "servers": SERVERS,
        "security": [{"session": []}],
        "tags": [
            {"name": area, "description": TAGS[area]} for area in dict.fromkeys(each.area for each in http)
        ],
        "paths": paths,
        "components": {
            **COMPONENTS,
            "schemas": {**COMPONENTS["schemas"], **schemas.definitions},
            "responses": {**COMPONENTS["responses"], **refusals_among(http)},
            "examples": refusal_examples(),
        },
    }


def render(root: Path = ROOT) -> str:
    """Return the text of openapi.json; the same tree always gives the same text."""
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    return json.dumps(build(read_functions(root), version=version), indent=2, ensure_ascii=False) + "\n"


def _models_of(functions: Iterable[FunctionFile], by_path: Any) -> dict[tuple[str, str], Any]:
    """Return every model of a body or an answer by its name, so that all are described at once."""
    models: dict[tuple[str, str], Any] = {}
    for function in functions:
        if function.kind != "endpoint":
            continue
        body = function.handler.endpoint.body
        if isinstance(body, by_path):
            models |= {(f"{function.operation}:{name}", "validation"): m for name, m in body.models.items()}
        elif body is not None:
            models[function.operation, "validation"] = body
        if not Written(function.handler).answers_apart:
            models[function.operation, "serialization"] = answer_of(function.handler)
    return models


def _operation_ids(function: FunctionFile) -> list[str]:
    """Return one id per route: the first has the function's own name, further ones add their event's."""
    first, *others = function.routes
    del first
    return [function.operation, *(f"{function.operation}_{route.event.lower()}" for route in others)]


def _endpoint(function: FunctionFile, schemas: Schemas) -> dict[str, Any]:
    declared = function.handler.endpoint
    written = Written(function.handler)
    parameters = [*_path_parameters(function, written), *schemas.query_parameters(declared.query)]
    if declared.idempotent:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if declared.versioned:
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    operation: dict[str, Any] = _words(function, permission=declared.permission)
    if declared.permission is None:
        operation["security"] = []
    if parameters:
        operation["parameters"] = parameters
    if declared.body is not None:
        content = {"schema": _body_schema(function, schemas), "examples": bodies_of(function)}
        is_optional = getattr(declared.body, "may_be_empty", False)
        operation["requestBody"] = {"required": not is_optional, "content": {"application/json": content}}
    operation["responses"] = {
        **_answers(function, schemas, written),
        **refusals_of(function, besides=written.statuses),
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
    shapes = [schemas.of(f"{function.operation}:{name}", "validation") for name in body.models]
    words = f"The path's `{body.parameter}` decides which of these, in this order: " + ", ".join(body.models)
    if body.may_be_empty:
        shapes.append({"type": "object", "maxProperties": 0})
        words += "; or an empty body"
    return {"anyOf": shapes, "description": words}


def _path_parameters(function: FunctionFile, written: Written) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in function.routes[0].path.split("/") if part.startswith("{")]
    body = function.handler.endpoint.body
    schemas = dict(written.path_schemas)
    if hasattr(body, "parameter"):
        schemas[body.parameter] = {"type": "string", "enum": sorted(body.models)}
    return [
        parameter(name, "path", schemas.get(name, {"type": "string"}), required=True, words=PATH_WORDS[name])
        for name in names
    ]


def _answers(function: FunctionFile, schemas: Schemas, written: Written) -> dict[str, Any]:
    if written.file_type:
        return {"200": file_answer(written.file_type)}
    if written.is_html:
        return {"200": page_answer()}
    answers = {}
    for status in written.statuses:
        data = schemas.of(function.operation, "serialization")
        schema = envelope(
            data,
            is_success=status < 400,
            has_message=written.has_message,
            is_list=written.is_list,
            is_page=written.is_page,
        )
        examples = {
            name: {"value": _enveloped(example, schema, written.message or _message_of(name))}
            for name, example in Examples(schemas.definitions).of_answer(function, data, status).items()
        }
        if status >= 400:
            schema = {"anyOf": [schema, refusal_beside(function, status)]}
        words = "Done" if status < 400 else "Done; what was tested does not work"
        content = {"schema": schema, "examples": examples}
        answers[str(status)] = {"description": words, "content": {"application/json": content}}
    return answers


def _message_of(model: str) -> str | None:
    """Return the message of an answer whose handler names it by a constant."""
    from banxway.models.webhooks.addresses import HOW_TO_USE

    return (_MESSAGES | {"CallbackAddress": HOW_TO_USE}).get(model)


_MESSAGES = {
    "PhoneAccountCheck": "Connection test successful",
    "WhatsAppAccountCheck": "WhatsApp connection verified",
    "SmsAccountCheck": "SMS connection verified",
    "EmailAccountCheck": "Mail connection verified",
}


def _enveloped(data: Any, schema: dict[str, Any], message: str | None) -> dict[str, Any]:
    """Put an answer's data into its envelope, as the handler does."""
    around = {
        "success": schema["properties"]["success"]["const"],
        "message": message,
        "data": data,
        "count": len(data) if isinstance(data, list) else None,
        "next_cursor": None,
    }
    return {name: around[name] for name in schema["required"]}


def _webhook(function: FunctionFile, schemas: Schemas) -> dict[str, Any]:
    del schemas  # a provider's callback has no model of ours
    kinds = _CALLBACK_TYPES[function.handler.webhook]
    content = {
        kind: {"schema": {"type": "object"}, "examples": callbacks_of(function, is_form=kind != kinds[-1])}
        for kind in kinds
    }
    return {
        **_words(function, permission=None),
        "security": [{"callbackReference": []}],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": {"$ref": "#/components/responses/CallbackTaken"},
            **{
                status: {"$ref": "#/components/responses/CallbackRefused"}
                for status in ("400", "401", "413", "500", "503")
            },
        },
    }
