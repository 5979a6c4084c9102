"""Examples of every body and answer: bodies are those of events/, answers are built from values.py."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from local.function_files import ROOT, FunctionFile
from local.openapi.values import BY_MODEL, BY_NAME, WHOLE

_EVENTS = ROOT / "events"
_MODEL = "#/components/schemas/"
_FIRST = "guide"
_BY_FORMAT = {
    "uuid": "1f000000-0000-4000-8000-000000000001",
    "date-time": "2026-01-25T12:00:00Z",
    "email": "asha@customer.example",
    "uri": "https://api.example.com/",
}
_BY_TYPE: Mapping[str, Any] = {"boolean": True, "integer": 1, "number": 1, "object": {}, "null": None}


class NoExample(Exception):
    """Raised for a property that nothing gives a value. Add one to local/openapi/values.py."""


class Examples:
    """Builds examples from the document's own schemas."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def of_answer(self, function: FunctionFile, schema: dict[str, Any], status: int) -> dict[str, Any]:
        """Return the data of an answer by the example's name, one for each shape that it may have."""
        name = f"{function.operation} {status}"
        if name in WHOLE:
            return {"failure": WHOLE[name]}
        shapes = schema.get("anyOf", [schema])
        return {_name_of(shape): self._built(shape, where=name) for shape in shapes}

    def _built(self, schema: dict[str, Any], *, where: str) -> Any:
        if "$ref" in schema:
            return self._model(schema["$ref"].removeprefix(_MODEL))
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if "anyOf" in schema:
            return self._built(schema["anyOf"][0], where=where)
        if schema.get("type") == "array":
            return [self._built(schema["items"], where=where)]
        if schema.get("format") in _BY_FORMAT:
            return _BY_FORMAT[schema["format"]]
        if schema.get("type") in _BY_TYPE:
            return _BY_TYPE[schema["type"]]
        raise NoExample(f"{where} has no example: add a value to local/openapi/values.py")

    def _model(self, model: str) -> Any:
        definition = self._definitions[model]
        if "properties" not in definition:
            return self._built(definition, where=model)
        known = BY_NAME | _inherited(model)
        built = {}
        for name, schema in definition["properties"].items():
            where = f"{model}.{name}"
            value = known.get(name, ...)
            if value is ...:
                value = self._built(schema, where=where)
            if value is not None or _takes_null(schema):
                built[name] = value
        return built


def _inherited(model: str) -> dict[str, Any]:
    """Return the values of a model and of those that it extends: a configured integration is an integration."""
    bases = {
        "ChangedIntegration": ("Integration",),
        "ConfiguredIntegration": ("Integration", "ChangedIntegration"),
        "ListedEmailRule": ("EmailRule",),
    }
    found: dict[str, Any] = {}
    for each in (*bases.get(model, ()), model):
        found |= BY_MODEL.get(each, {})
    return found


def _takes_null(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "null" or any(each.get("type") == "null" for each in schema.get("anyOf", ()))


def _name_of(schema: dict[str, Any]) -> str:
    inner = schema.get("items", schema)
    return str(inner.get("$ref", "answer")).removeprefix(_MODEL)


def bodies_of(function: FunctionFile) -> dict[str, Any]:
    """Return the bodies of events/ that this operation takes, by their case, the guide's first."""
    body = function.handler.endpoint.body
    found: dict[str, Any] = {}
    for event, case in _events_of(function):
        model = body.models[event["pathParameters"][body.parameter]] if hasattr(body, "parameter") else body
        value = json.loads(event["body"])
        try:
            TypeAdapter(model).validate_python(value)
        except ValidationError:
            continue  # a case that exists to be refused
        found[case] = {"value": value}
    if not found:
        raise NoExample(f"{function.operation} has a body and no event that shows one: add it to events/")
    return found


def callbacks_of(function: FunctionFile, *, is_form: bool) -> dict[str, Any]:
    """Return the callbacks of events/ by their case; a form has no lists or objects."""
    found = {
        case: json.loads(event["body"])
        for event, case in _events_of(function)
        if not event.get("isBase64Encoded")
    }
    if is_form:
        found = {
            case: {name: text for name, text in content.items() if not isinstance(text, dict | list)}
            for case, content in found.items()
            if "CallSid" in content
        }
    return {case: {"value": content} for case, content in found.items()}


def _events_of(function: FunctionFile) -> Iterable[tuple[dict[str, Any], str]]:
    pattern = f"{function.area}/{function.folder}__*.json"
    for file in sorted(_EVENTS.glob(pattern), key=lambda file: (_FIRST not in file.stem, file.stem)):
        event = json.loads(Path(file).read_text(encoding="utf-8"))
        if event.get("body"):
            yield event, file.stem.partition("__")[2]
