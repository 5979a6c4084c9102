"""The parts of openapi.json that every operation shares: the two shapes, the ways in, the refusals."""

from collections.abc import Collection
from typing import Any

_REFUSALS = {
    "400": "The request cannot be read",
    "401": "Not signed in; `error` is the reason",
    "403": "The user's role does not hold the permission",
    "404": "No such row in the user's organization",
    "409": "The present state forbids it, or the key was used for another request",
    "413": "The body is too large",
    "422": "A field breaks a rule (`details.field` names it), or the provider refused",
    "4XX": "Refused",
    "5XX": "Failed on our side or the provider's",
}

_FAILURE = {
    "type": "object",
    "description": "Every answer that is not a success.",
    "required": ["success", "error", "code", "details", "request_id"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string", "description": "A stable word for a program; docs/errors.md lists them."},
        "details": {"type": "object", "additionalProperties": True},
        "request_id": {"type": "string"},
    },
}

_CALLBACK_REFUSAL = {
    "type": "object",
    "required": ["success", "error", "code"],
    "properties": {"success": {"const": False}, "error": {"type": "string"}, "code": {"type": "string"}},
}

_CALLBACK_TAKEN = {
    "anyOf": [
        {"type": "object", "required": ["success"], "properties": {"success": {"const": True}}},
        {
            "type": "object",
            "description": "The echo of a verification handshake.",
            "required": ["challenge"],
            "properties": {"challenge": {"type": "string"}},
        },
    ]
}

SECURITY = {
    "session": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The session token of a signed-in user.",
    },
    "callbackReference": {
        "type": "apiKey",
        "in": "query",
        "name": "reference",
        "description": "The signed reference inside a callback URL that we handed out.",
    },
}


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


COMPONENTS: dict[str, Any] = {
    "securitySchemes": SECURITY,
    "parameters": {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key with the same body returns the first answer and contacts nobody again; "
            "with another body it is refused (409).",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    },
    "responses": {
        **{
            f"Refused{status}": _response(words, {"$ref": "#/components/schemas/Failure"})
            for status, words in _REFUSALS.items()
        },
        "CallbackTaken": _response("Taken; it is applied later", _CALLBACK_TAKEN),
        "CallbackRefused": _response("Not taken", _CALLBACK_REFUSAL),
    },
    "schemas": {"Failure": _FAILURE},
}


def parameter(name: str, place: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """Return one parameter of a path or query."""
    return {"name": name, "in": place, "required": required, "schema": schema}


def file_answer(media_type: str) -> dict[str, Any]:
    """Return the answer that is a file; large ones are compressed for whoever accepts gzip."""
    return {
        "description": "The file",
        "headers": {
            "Content-Disposition": {"schema": {"type": "string"}, "description": "attachment, with its name"},
            "X-Truncated": {"schema": {"enum": ["true", "false"]}, "description": "Whether it was cut off"},
            "X-Next-Cursor": {
                "schema": {"type": "string"},
                "description": "Give it as `cursor` to go on where it was cut off; absent otherwise",
            },
        },
        "content": {media_type: {"schema": {"type": "string"}}},
    }


def page_answer() -> dict[str, Any]:
    """Return the answer that is a page of somebody else's content, for a sandboxed frame."""
    return {
        "description": "The page",
        "headers": {
            "Content-Security-Policy": {
                "schema": {"type": "string"},
                "description": "No script, nothing remote that was not asked for, framed by the console alone",
            }
        },
        "content": {"text/html": {"schema": {"type": "string"}}},
    }


def envelope(
    data: dict[str, Any], *, is_success: bool, has_message: bool, is_list: bool, is_page: bool
) -> dict[str, Any]:
    """Return the shape around an answer's data: what else it has is decided by what kind of answer it is."""
    properties: dict[str, Any] = {"success": {"const": is_success}}
    if has_message:
        properties["message"] = {"type": "string"}
    properties["data"] = data
    if is_list:
        properties["count"] = {"type": "integer", "description": "How many rows are in `data`."}
    if is_page:
        cursor = "Give it as `cursor` to read on; null on the last page."
        properties["next_cursor"] = {"type": ["string", "null"], "description": cursor}
    return {"type": "object", "required": list(properties), "properties": properties}


def errors(
    *,
    signed_in: bool,
    has_body: bool,
    has_input: bool,
    has_path: bool,
    is_idempotent: bool,
    besides: Collection[int],
) -> dict[str, Any]:
    """Return the refusals that an operation can be sure of, and the two ranges that hold the others."""
    chosen = {
        "400": has_body,
        "401": signed_in,
        "403": signed_in,
        "404": has_path,
        "409": is_idempotent,
        "413": has_body,
        "422": has_input,
        "4XX": True,
        "5XX": True,
    }
    return {
        status: {"$ref": f"#/components/responses/Refused{status}"}
        for status, holds in chosen.items()
        if holds and not (status.isdigit() and int(status) in besides)
    }
