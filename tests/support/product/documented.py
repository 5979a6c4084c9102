"""Compares the product's answers with openapi.json: status, code, and the shape of the body."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

_FILE = Path(__file__).parents[3] / "openapi.json"


@cache
def document() -> dict[str, Any]:
    """Return openapi.json."""
    found: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def require_documented(method: str, path: str, status: int, body: str) -> None:
    """Fail for an answer of a route that a reader of openapi.json would not expect."""
    asked = f"{method} {path} answers {status}"
    response = _response(method, path, status)
    assert response is not None, f"{asked}, which openapi.json does not name: {body[:500]}"
    if "application/json" in response["content"]:
        problems = list(_validator(method, path, status).iter_errors(json.loads(body)))
        sentences = [f"at {list(problem.instance_path)}: {problem.message}" for problem in problems]
        assert not problems, f"{asked} otherwise than openapi.json says: {'; '.join(sentences)[:2000]}"


@cache
def _response(method: str, path: str, status: int) -> dict[str, Any] | None:
    found: dict[str, Any] | None = document()["paths"][path][method.lower()]["responses"].get(str(status))
    return resolved(found) if found else None


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the document's components, if it is one."""
    if "$ref" not in node:
        return node
    found: Any = document()
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


@cache
def _validator(method: str, path: str, status: int) -> Any:
    response = _response(method, path, status)
    assert response
    return validator_of(response["content"]["application/json"]["schema"])


def validator_of(schema: dict[str, Any]) -> Any:
    """Return a validator of one of the document's schemas, formats included."""
    return jsonschema_rs.validator_for(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": document()["components"],
            "allOf": [schema],
        },
        validate_formats=True,
    )
