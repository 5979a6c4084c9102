"""Parses the bodies that Exotel posts: JSON, urlencoded or multipart (reference/exotel.md, 3.5).

Multipart is Exotel's default for calls. Forms write lists as `Legs[0][Status]` (section 12, quirk 6).
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from banxway.errors import BadRequest
from banxway.providers.exotel.values import stated

_LARGEST = 4_000_000
_MOST_FIELDS = 1000
_DEEPEST = 100  # far below Python's own limit, which depends on the caller's depth
_BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]{0,64}\]){1,6})")
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,200})"?', re.IGNORECASE)
_PART_NAME = re.compile(rb'\bname="([^"\r\n]{1,200})"', re.IGNORECASE)


def read_callback(kind: str, body: bytes, content_type: str) -> dict[str, Any]:
    """Return what Exotel posted as one object whose texts can be stored in Postgres.

    A WhatsApp callback is a JSON object; a call's callback may also be a form that names a call. Raises BadRequest
    for everything else. The webhook and the worker both use it, so that what is answered 200 can be applied.
    """
    if len(body) > _LARGEST:
        raise BadRequest("The callback is too large")
    text = _json_text(body)
    if text is not None:
        return _read_json(text)
    if kind == "whatsapp":
        raise BadRequest("The callback is not a JSON object")
    root = _read_form(body, content_type)
    if stated(root.get("CallSid")) is None:
        raise BadRequest("The callback names no call")
    return root


def _json_text(body: bytes) -> str | None:
    """Return the text of a body that begins like JSON, of any declared type and in any UTF encoding; else None."""
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
    except UnicodeDecodeError:
        # A form may contain any byte; JSON with such bytes cannot be parsed.
        text = body[:100].decode("latin-1")
    return text if text.lstrip()[:1] in ("{", "[") else None


def _read_json(text: str) -> dict[str, Any]:
    try:
        storable = _storable(json.loads(text, parse_constant=lambda _: None))
    except (ValueError, RecursionError) as error:
        raise BadRequest("The callback is not well-formed JSON") from error
    if not isinstance(storable, dict) or not storable:
        raise BadRequest("The callback is not a JSON object")
    return storable


def _read_form(body: bytes, content_type: str) -> dict[str, Any]:
    if "multipart/form-data" in content_type.lower():
        return _nested(_read_multipart(body, content_type))
    return _nested(_read_urlencoded(body))


def _read_urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadRequest("The callback is not a readable form") from error


def _read_multipart(body: bytes, content_type: str) -> list[tuple[str, str]]:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise BadRequest("The callback's form names no boundary")
    parts = body.split(b"--" + found[1].encode("utf-8", "replace"), _MOST_FIELDS + 2)[1:]
    if not parts or len(parts) > _MOST_FIELDS:
        raise BadRequest("The callback is not a readable form")
    fields = []
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if name:
            fields.append((name[1].decode("utf-8", "replace"), _without_line_end(content)))
    return fields


def _without_line_end(content: bytes) -> str:
    return content.removesuffix(b"\r\n").decode("utf-8", "replace")


def _nested(fields: list[tuple[str, str]]) -> dict[str, Any]:
    """Return fields named like `a[0][b]` as lists and objects; of two conflicting names the first wins."""
    root: dict[str, Any] = {}
    for name, value in fields:
        bracketed = _BRACKETED.fullmatch(name)
        keys = [bracketed[1], *bracketed[2][1:-1].split("][")] if bracketed else [name]
        container = root
        for key in keys[:-1]:
            deeper = container.setdefault(key, {})
            if not isinstance(deeper, dict):
                break
            container = deeper
        else:
            container.setdefault(keys[-1], value)
    return {key: _storable(_listed(value)) for key, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    children = {key: _listed(child) for key, child in value.items()}
    if children and all(re.fullmatch(r"[0-9]{1,4}", key) for key in children):
        return [children[key] for key in sorted(children, key=int)]
    return children


def _storable(value: Any, depth: int = 0) -> Any:
    """Replace what JSON allows and Postgres cannot store: NUL, and lone surrogates."""
    if depth > _DEEPEST:
        raise BadRequest("The callback is nested too deeply")
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item, depth + 1) for key, item in value.items()}
    return value
