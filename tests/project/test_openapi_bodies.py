"""What openapi.json allows in a body is what the product takes, and what it forbids is refused.

Every example is changed in one place at a time: a field left out, one too many, and values of every type in place of
each. The document and the function must agree on each of these bodies.
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import functions
from tests.support.product.documented import document, resolved, validator_of

VALUES = (
    None, True, False, 0, 1, -1, 1.5, 10**30, "", " ", "x", "f", "1", "a\nb", "=x", "a@b.example", "a@b@c",
    "+919876543210", "2026-01-25T12:00:00Z", "09:00", "7a000000-0000-4000-8000-000000000001", [], [1], {}, {"x": 1},
)  # fmt: skip
BEYOND_SCHEMA = {
    r"\w+ (rule\.)?(business_hours|hours).timezone": "only the zones of the time zone database",
    r"\w+ business_hours\.\w+day\.(start|end)": "the end must be later than the start",
    r"messages_create_upload size_bytes": "the service refuses it, as too large",
    r"auto_replies_set_vacation (starts|ends)_at": "the end must be later than the start",
}
"""Where the model and the document differ, by operation and field, with the reason."""


@rule
def test_the_document_allows_what_the_product_takes() -> Sentences:
    """A client that checks before it sends must not be refused, and must not hold back what would be taken."""
    for function in functions():
        if function.kind == "endpoint" and function.handler.endpoint.body is not None:
            yield from _disagreements(function)


def _disagreements(function: Any) -> Iterator[str]:
    route = function.routes[0]
    content = document()["paths"][route.path][route.method.lower()]["requestBody"]["content"][
        "application/json"
    ]
    validator = validator_of(content["schema"])
    for case, example in content["examples"].items():
        path = _path_of(function, case)
        absent = _properties_of(content["schema"], example["value"]) - example["value"].keys()
        for field, body in _changed(example["value"], absent):
            is_allowed, refusal = validator.is_valid(body), _refusal(function, path, body)
            if is_allowed != (refusal is None) and not _is_beyond(f"{function.operation} {field}"):
                said = "is allowed" if is_allowed else "is not allowed"
                yield f"{function.operation} {field}: {json.dumps(body)[:300]} {said}, and: {refusal or 'taken'}"


def _is_beyond(place: str) -> bool:
    return any(re.fullmatch(pattern, place) for pattern in BEYOND_SCHEMA)


def _path_of(function: Any, case: str) -> dict[str, str]:
    from tests.support.gates.recorded_events import event

    found: dict[str, str] = event(f"{function.area}/{function.folder}__{case}").get("pathParameters", {})
    return found


def _refusal(function: Any, path: dict[str, str], body: object) -> str | None:
    from banxway.entrypoints.http import Path, _read_body
    from banxway.errors import BanxwayError

    try:
        _read_body(function.handler.endpoint, {"body": json.dumps(body)}, Path(path))
    except BanxwayError as error:
        return error.message
    return None


def _properties_of(schema: dict[str, Any], value: dict[str, Any]) -> set[str]:
    """Return the fields of the shape of a body that this value has."""
    fitting = [shape for shape in _shapes(schema) if validator_of(shape).is_valid(value)]
    return set(fitting[0]["properties"])


def _shapes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that a body may be, also those of a choice within a choice."""
    whole = resolved(schema)
    choices = whole.get("oneOf", whole.get("anyOf", ())) if "properties" not in whole else ()
    return [shape for choice in choices for shape in _shapes(choice)] or [whole]


def _changed(value: dict[str, Any], absent: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the body with each of its fields left out or set to each value, and one field too many."""
    yield "body", value
    yield "body", {**value, "no_such_field": 1}
    yield "body", {}
    for steps in [*_places(value), *((name,) for name in sorted(absent))]:
        field = ".".join("*" if isinstance(step, int) else step for step in steps)
        for other in VALUES if steps[0] in absent else (..., *VALUES):
            body = copy.deepcopy(value)
            inner: Any = body
            for step in steps[:-1]:
                inner = inner[step]
            if other is ...:
                del inner[steps[-1]]
            else:
                inner[steps[-1]] = other
            yield field, body


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield (step,)
        yield from ((step, *further) for further in _places(each))
