"""The events under `events/`, loaded and filled in: whole Lambda events, as recorded, with invented people.

    event("threads/send_message__whatsapp", token=token, path={"thread_id": thread.id})

What cannot be recorded stands in them as a placeholder: `{{token:agent}}`, `{{reference:whatsapp}}`,
`{{ticket}}`. A placeholder that is given no value stays, and is refused like any forgery.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.support.gates.rules import text_of
from tests.support.gates.template_file import functions

if TYPE_CHECKING:
    from local.function_files import FunctionFile

EVENTS = Path(__file__).resolve().parents[3] / "events"
PLACEHOLDER = re.compile(r"\{\{(token|reference|ticket)(?::([a-z_]+))?\}\}")


def names() -> list[str]:
    """Return every recorded event as `<area>/<function>__<case>`, sorted."""
    return sorted(str(file.relative_to(EVENTS).with_suffix("")) for file in EVENTS.rglob("*.json"))


def functions_of_events() -> Iterator[tuple[str, "FunctionFile"]]:
    """Yield every recorded event with the function that it is for; one for no function is left out."""
    known = {f"{each.area}/{each.folder}": each for each in functions()}
    for name in names():
        if found := known.get(name.partition("__")[0]):
            yield name, found


def event(
    name: str,
    *,
    token: str | None = None,
    reference: str | None = None,
    ticket: str | None = None,
    path: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    fields: Mapping[str, object] | None = None,
    item: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return a recorded event with its placeholders filled and what a test wants otherwise replaced.

    `path`, `query` and `headers` replace single entries. `body` replaces the whole body (bytes travel as
    base64, a str as it is, all else as JSON); `fields` replaces single fields of a JSON body, `item` those of
    every queue item.
    """
    text = text_of(EVENTS / f"{name}.json")
    given = {"token": token, "reference": reference, "ticket": ticket}
    filled = PLACEHOLDER.sub(lambda place: given[place[1]] or place[0], text)
    found = _as_json(name, filled)
    if path:
        _travel(found, path)
    if query is not None:
        found["queryStringParameters"] = _texts({**found.get("queryStringParameters", {}), **query})
        found["rawQueryString"] = urlencode(found["queryStringParameters"])
    if headers:
        found["headers"] = _with_headers(found["headers"], headers)
    if fields:
        body = {**json.loads(found["body"]), **fields}
    if body is not None:
        found |= _written(body)
    for record in found["Records"] if item else ():
        body = json.loads(record["body"])
        record["body"] = json.dumps(body | {name: item[name] for name in item if name in body}, default=str)
    return found


def _as_json(name: str, text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text)
        return found
    except ValueError as error:
        problem = str(error)
    pytest.fail(f"events/{name}.json is no JSON: {problem}", pytrace=False)


def _with_headers(recorded: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, str]:
    """Replace headers whatever their spelling: HTTP APIs write them small, the WebSocket API as they came."""
    given = {name.lower() for name in headers}
    return {name: value for name, value in recorded.items() if name.lower() not in given} | dict(headers)


def _travel(found: dict[str, Any], path: Mapping[str, object]) -> None:
    """Send an event to another path of its route."""
    found["pathParameters"] = {**found.get("pathParameters", {}), **_texts(path)}
    travelled = found["routeKey"].split(" ", 1)[1]
    for name, value in found["pathParameters"].items():
        travelled = travelled.replace(f"{{{name}}}", value)
    found["rawPath"] = found["requestContext"]["http"]["path"] = travelled


def _written(body: object) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    text = body if isinstance(body, str) else json.dumps(body, default=str, ensure_ascii=False)
    return {"body": text, "isBase64Encoded": False}


def _texts(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: str(value) for name, value in values.items()}
