"""The parts of openapi.json that every operation shares: the two shapes, the ways in, the refusals."""

from typing import Any

SERVERS = [
    {"url": "http://127.0.0.1:8000", "description": "This machine: `make run`"},
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com/live",
        "description": "A deployment: the stack's output names its address",
        "variables": {
            "api": {"default": "your-api-id", "description": "The id of the HTTP API."},
            "region": {"default": "ap-south-1", "description": "The region that it is deployed in."},
        },
    },
]
TAGS = {
    "integrations": "Accounts at providers: connect, test, switch off, and who may use them.",
    "phone_numbers": "The numbers that Exotel lists, and who calls from them.",
    "email_accounts": "Mailboxes that mail leaves by and is read from.",
    "email_sync": "Whether everything on a mail server is stored here.",
    "email_templates": "Subjects and contents with variables, for mails that are written often.",
    "email_rules": "What is done with mail that comes in, and why it was done.",
    "auto_replies": "A mailbox's answer while nobody reads it.",
    "threads": "Conversations with customers, across channels.",
    "messages": "What is sent, what came, and its attachments.",
    "customers": "Who writes, by which addresses, and who of them are one person.",
    "team": "The people of an organization and their roles.",
    "audit": "Who did what, in a chain that shows every change to it.",
    "status": "What is configured, what is wrong, and what to do about it.",
    "webhooks": "What Exotel calls back.",
    "realtime": "Live news over a WebSocket, and what was missed while it was closed.",
    "maintenance": "Bringing stored secrets under a new key.",
    "platform": "The deployment itself.",
}
PATH_WORDS = {
    "account_id": "The mailbox's id.",
    "address_id": "The id of the customer's address.",
    "attachment_id": "The attachment's id.",
    "customer_id": "The customer's id.",
    "field": "The field of the message.",
    "message_id": "The message's id.",
    "notification_id": "The notification's id.",
    "number_id": "The phone number's id.",
    "rule_id": "The rule's id.",
    "template_id": "The mail template's id.",
    "thread_id": "The thread's id.",
    "token": "What the link to the page holds; it is its own key.",
    "type": "The type of the integration.",
    "user_id": "The member's user id.",
}

_FAILURE = {
    "type": "object",
    "description": "Every answer that is not a success.",
    "required": ["success", "error", "code", "details", "request_id"],
    "properties": {
        "success": {"const": False, "description": "False."},
        "error": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string", "description": "A stable word for a program; docs/errors.md lists them."},
        "details": {
            "type": "object",
            "additionalProperties": True,
            "description": "What belongs to it: `field` is what to correct, `retry_after_s` how long to wait.",
        },
        "request_id": {"type": "string", "description": "Finds the request in the log."},
    },
}

_CALLBACK_REFUSAL = {
    "type": "object",
    "required": ["success", "error", "code"],
    "properties": {
        "success": {"const": False, "description": "False."},
        "error": {"type": "string", "description": "What is wrong, in a sentence."},
        "code": {"type": "string", "description": "A stable word for a program."},
    },
}
_GATEWAY_REFUSAL = {
    "type": "object",
    "description": "API Gateway's own words, where a request never reached a function or a function gave no answer.",
    "required": ["message"],
    "properties": {"message": {"type": "string", "description": "API Gateway's sentence."}},
}

_CALLBACK_TAKEN = {
    "anyOf": [
        {
            "type": "object",
            "required": ["success"],
            "properties": {"success": {"const": True, "description": "True."}},
        },
        {
            "type": "object",
            "description": "The echo of a verification handshake.",
            "required": ["challenge"],
            "properties": {"challenge": {"type": "string", "description": "What was to be echoed."}},
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


_NOT_TAKEN = {"success": False, "error": "The callback reference is not valid", "code": "not_authenticated"}


def _response(description: str, schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": schema, "examples": {"answer": {"value": example}}}
    return {"description": description, "content": {"application/json": content}}


COMPONENTS: dict[str, Any] = {
    "securitySchemes": SECURITY,
    "parameters": {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key with the same body returns the first answer and contacts nobody again; "
            "with another body it is refused (409).",
            "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        }
    },
    "responses": {
        "CallbackTaken": _response("Taken; it is applied later", _CALLBACK_TAKEN, {"success": True}),
        "CallbackRefused": _response("Not taken", _CALLBACK_REFUSAL, _NOT_TAKEN),
    },
    "schemas": {"Failure": _FAILURE, "GatewayRefusal": _GATEWAY_REFUSAL},
}


def parameter(name: str, place: str, schema: dict[str, Any], *, required: bool, words: str) -> dict[str, Any]:
    """Return one parameter of a path or query."""
    return {"name": name, "in": place, "required": required, "description": words, "schema": schema}


_CSV = "sequence,created_at,action,status\r\n42,2026-01-25T10:00:00Z,mailbox.poll,failed\r\n"
_HTML = "<!doctype html><title>Mail</title><p>It should have come on Friday.</p>"


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
        "content": {media_type: {"schema": {"type": "string"}, "examples": {"file": {"value": _CSV}}}},
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
        "content": {"text/html": {"schema": {"type": "string"}, "examples": {"page": {"value": _HTML}}}},
    }


def envelope(
    data: dict[str, Any], *, is_success: bool, has_message: bool, is_list: bool, is_page: bool
) -> dict[str, Any]:
    """Return the shape around an answer's data: what else it has is decided by what kind of answer it is."""
    properties: dict[str, Any] = {
        "success": {"const": is_success, "description": "Whether what was asked for was done and works."}
    }
    if has_message:
        properties["message"] = {"type": "string", "description": "What was done, for a person."}
    properties["data"] = {"description": _DATA, **data}
    if is_list:
        properties["count"] = {"type": "integer", "description": "How many rows are in `data`."}
    if is_page:
        cursor = "Give it as `cursor` to read on; null on the last page."
        properties["next_cursor"] = {"type": ["string", "null"], "description": cursor}
    return {"type": "object", "required": list(properties), "properties": properties}


_DATA = "What was asked for."
