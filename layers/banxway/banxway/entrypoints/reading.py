"""Reading what callers send: bytes, and strict JSON. The work is linear in the size of the body."""

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from banxway.errors import BadRequest, TooLarge, ValidationFailed
from banxway.models.values.quoting import quoted

_DEEPEST = 64
# No field of ours accepts a number with more digits; Python itself reads at most 4,300.
_LONGEST_NUMBER = 600


def body_bytes(event: dict[str, Any], *, longest: int) -> bytes:
    """Return a request's body as bytes. Raises TooLarge above `longest` bytes, before decoding anything."""
    text = event.get("body") or ""
    if len(text) > longest * (4 / 3 if event.get("isBase64Encoded") else 1) + 4:
        raise TooLarge(f"The body must not exceed {longest} bytes", field="body", limit_bytes=longest)
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode("utf-8", "surrogatepass")


class JsonBody:
    """Strict JSON: one object in UTF-8, no key twice, no NaN, nothing that cannot be stored."""

    @staticmethod
    def read(body: bytes) -> dict[str, Any]:
        """Return the object. Raises BadRequest for broken JSON, with its line; ValidationFailed for broken texts."""
        if not body.strip():
            raise BadRequest("A JSON body is required", field="body")
        try:
            value = json.loads(
                body.decode("utf-8-sig"),
                object_pairs_hook=object_of,
                parse_constant=_refuse_constant,
                parse_int=_integer,
                parse_float=_fraction,
            )
        except json.JSONDecodeError as error:
            raise BadRequest(
                f"The body is not valid JSON: look at line {error.lineno}, column {error.colno}",
                field="body",
            ) from error
        except (UnicodeDecodeError, RecursionError) as error:
            raise BadRequest("The body is not valid JSON in UTF-8", field="body") from error
        if not isinstance(value, dict):
            raise BadRequest("The body must be a JSON object", field="body")
        require_storable(value)
        return value


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of these names and values. Raises BadRequest for the first name that is given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = quoted(next(name for name, count in times.items() if count > 1))
        raise BadRequest(f"The field {twice} is given twice", field=twice)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"The body is not valid JSON: {name} is not a JSON number", field="body")


def _integer(digits: str) -> int:
    _require_short(digits)
    return int(digits)


def _fraction(digits: str) -> float:
    _require_short(digits)
    number = float(digits)
    if not math.isfinite(number):
        raise BadRequest("The body has a number that is too large to be read", field="body")
    return number


def _require_short(digits: str) -> None:
    if len(digits) > _LONGEST_NUMBER:
        raise BadRequest(f"The body has a number of more than {_LONGEST_NUMBER} characters", field="body")


_Path = tuple[Any, str | int] | None
"""The path to a value: the path to its parent, and its name or index there; None is the whole body."""


def require_storable(content: dict[str, Any]) -> None:
    """Raise unless the database can store the content and it is nested at most 64 levels deep.

    JSON can contain NUL and unpaired surrogates; PostgreSQL and UTF-8 cannot. Raises BadRequest for a field's name
    with one of them, and for depth; ValidationFailed, naming the field, for a text with one of them.
    """
    waiting: list[tuple[_Path, int, Any]] = [(None, 1, content)]
    while waiting:
        path, depth, value = waiting.pop()
        if isinstance(value, str):
            if not _is_storable(value):
                name = name_of(path)
                raise ValidationFailed(f"{name} must not contain NUL or broken Unicode", field=name)
        elif isinstance(value, dict | list):
            if depth > _DEEPEST:
                raise BadRequest(f"The body is nested more than {_DEEPEST} levels deep", field="body")
            waiting += [((path, key), depth + 1, inner) for key, inner in _parts(path, value)]


def _parts(path: _Path, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, list):
        yield from enumerate(value)
        return
    for key, inner in value.items():
        if not _is_storable(key):
            raise BadRequest(
                "The name of a field must not contain NUL or broken Unicode", field=name_of(path)
            )
        yield key, inner


def name_of(path: _Path) -> str:
    """Return the dotted name of a path, cut to 100 characters; "body" for the whole body."""
    parts: list[str] = []
    while path is not None:
        path, part = path
        parts.append(quoted(str(part)))
    return quoted(".".join(reversed(parts))) or "body"


def _is_storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
