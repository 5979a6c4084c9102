"""Reading what callers send: bytes, JSON, and the first thing wrong with it in a sentence."""

import base64
import json
import re
from typing import Any, NoReturn

from pydantic import ValidationError

from banxway.errors import BadRequest, TooLarge


def body_bytes(event: dict[str, Any], *, longest: int) -> bytes:
    """Return a request's body as bytes. Raises TooLarge, before decoding anything."""
    text = event.get("body") or ""
    if len(text) > longest * (4 / 3 if event.get("isBase64Encoded") else 1) + 4:
        raise TooLarge(f"The body must not exceed {longest} bytes", field="body", limit_bytes=longest)
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()


class JsonBody:
    """JSON as it must be: one object, no key twice, no NaN."""

    @staticmethod
    def read(body: bytes) -> dict[str, Any]:
        """Return the object. Raises BadRequest saying where it breaks off."""
        if not body.strip():
            raise BadRequest("A JSON body is required", field="body")
        try:
            value = json.loads(body, object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            raise BadRequest(
                f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}",
                field="body",
            ) from error
        except (UnicodeDecodeError, RecursionError) as error:
            raise BadRequest("The body is not valid JSON in UTF-8", field="body") from error
        if not isinstance(value, dict):
            raise BadRequest("The body must be a JSON object", field="body")
        return value


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(f"The field {twice} is given twice", field=twice)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"The body is not valid JSON: {name} is not a JSON number", field="body")


def first_unstorable(content: dict[str, Any]) -> str | None:
    """Return the dotted name of the first text that the database cannot hold, or None.

    That is NUL and half a surrogate pair: JSON can spell both, PostgreSQL and UTF-8 neither.
    """
    waiting: list[tuple[str, Any]] = [("", content)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            if not all(map(_is_storable, value)):
                return name or "body"
            waiting += [(f"{name}.{key}" if name else key, inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{name}.{at}", inner) for at, inner in enumerate(value)]
        elif isinstance(value, str) and not _is_storable(value):
            return name
    return None


def _is_storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Return the field that breaks a rule, dotted, and a sentence that names both; never the value itself."""
    problem = error.errors(include_url=False, include_context=True, include_input=False)[0]
    names = [str(part) for part in problem["loc"] if part not in _UNION_TAGS]
    name = ".".join(names) or "body"
    if problem["type"] == "extra_forbidden":
        return name, f"Unknown field: {name}"
    if problem["type"] == "missing":
        return name, f"{name} is required"
    if problem["type"] in ("union_tag_not_found", "union_tag_invalid"):
        return _tag_problem(problem)
    message = problem["msg"].removeprefix("Value error, ")
    if message[:1].isupper() and problem["type"] == "value_error":
        return name, message
    return name, f"{name}: {message[:1].lower()}{message[1:]}"


# Pydantic puts the chosen member of a discriminated union into the location; callers never wrote it.
_UNION_TAGS = frozenset(
    {
        "WHATSAPP", "EMAIL", "CHANNEL_BODY", "TEMPLATE_BODY",
        "TEXT_CONDITION", "HEADER_CONDITION", "ATTACHMENT_CONDITION", "SIZE_CONDITION", "ACCOUNT_CONDITION",
        "HOURS_CONDITION", "ORIGIN_CONDITION",
        "TAG_ACTION", "ASSIGN_ACTION", "FORWARD_ACTION", "PLAIN_ACTION",
    }
)  # fmt: skip


def _tag_problem(problem: Any) -> tuple[str, str]:
    context = problem.get("ctx", {})
    name = str(context.get("discriminator", "")).strip("'") or "body"
    if problem["type"] == "union_tag_not_found":
        return name, f"{name} is required"
    return name, f"{name} must be one of {context.get('expected_tags')}"
