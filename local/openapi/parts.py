"""The parts of openapi.json that operations share: the two envelopes, the parameters, sign-in, the refusals."""

from typing import Any

SERVERS = [
    {"url": "http://127.0.0.1:8000", "description": "This machine: `make run`"},
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com/live",
        "description": "A deployment: the stack's outputs have its address",
        "variables": {
            "api": {"default": "your-api-id", "description": "The id of the HTTP API."},
            "region": {"default": "ap-south-1", "description": "The region of the deployment."},
        },
    },
]
TAGS = {
    "integrations": "Accounts at providers: connect them, test them, switch them off, and set who may use them.",
    "phone_numbers": "The numbers that Exotel lists, and which member each is assigned to.",
    "email_accounts": "Mailboxes that mail is sent from and read from.",
    "email_sync": "Whether everything on a mail server is stored here.",
    "email_templates": "Subjects and contents with variables, for mails that are sent often.",
    "email_rules": "Rules for inbound mail: what they do, and why they did it.",
    "auto_replies": "Vacation responders: a mailbox's automatic answer while nobody reads it.",
    "threads": "Conversations with customers, across channels.",
    "messages": "Messages sent and received, and their attachments.",
    "customers": "The people who write, their addresses, and which customers are one person.",
    "team": "The people of an organization: members, invitations, roles, and the signed-in user.",
    "organizations": "The organization of the signed-in user.",
    "audit": "Who did what: a chain of hashes that reveals every later change to it.",
    "status": "What is configured, what is wrong, and what to do about it.",
    "webhooks": "What Exotel calls back.",
    "dead_letters": "Work that failed at every attempt: why, and what to do with it.",
    "realtime": "Live changes over a WebSocket, and those missed while it was closed.",
    "maintenance": "Rotation: bringing everything encrypted under a new key.",
    "platform": "The deployment itself.",
}
PATH_WORDS = {
    "account_id": "The mailbox's id.",
    "address_id": "The id of the customer's address.",
    "attachment_id": "The attachment's id.",
    "customer_id": "The customer's id.",
    "event_id": "The callback's id.",
    "field": "The field of the message.",
    "message_id": "The message's id.",
    "notification_id": "The notification's id.",
    "number_id": "The phone number's id.",
    "rule_id": "The rule's id.",
    "template_id": "The mail template's id.",
    "thread_id": "The thread's id.",
    "token": "The signed token in the link; it needs no session.",
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
            "description": "What belongs to it: `field` is what to correct, `retry_after_s` how long to wait, "
            "`reason` a stable word for what happened; docs/errors.md lists the reasons.",
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
    "description": "API Gateway's own answer, where a request never reached a function or a function did not answer.",
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
            "properties": {"challenge": {"type": "string", "description": "The challenge, echoed."}},
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
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The `version` that the change is based on, in double quotes. If somebody else "
            'has changed the setting since, it is refused (409 `changed_meanwhile`). "absent" is the version of one '
            "that is not stored yet.",
            "schema": {"type": "string", "maxLength": 102, "pattern": '^"[!#-~]{1,100}"$'},
        },
    },
    "responses": {
        "CallbackTaken": _response("Accepted; it is applied later", _CALLBACK_TAKEN, {"success": True}),
        "CallbackRefused": _response("Refused", _CALLBACK_REFUSAL, _NOT_TAKEN),
    },
    "schemas": {"Failure": _FAILURE, "GatewayRefusal": _GATEWAY_REFUSAL},
}


def parameter(
    name: str, location: str, schema: dict[str, Any], *, required: bool, words: str
) -> dict[str, Any]:
    """Return one parameter of a path or query."""
    return {"name": name, "in": location, "required": required, "description": words, "schema": schema}


_CSV = "sequence,created_at,action,status\r\n42,2026-01-25T10:00:00Z,mailbox.poll,failed\r\n"
_HTML = "<!doctype html><title>Mail</title><p>It should have come on Friday.</p>"


def file_answer(media_type: str) -> dict[str, Any]:
    """Return the answer that is a file; large files are compressed for clients that accept gzip."""
    return {
        "description": "The file",
        "headers": {
            "Content-Disposition": {"schema": {"type": "string"}, "description": "attachment, with its name"},
            "X-Truncated": {
                "schema": {"enum": ["true", "false"]},
                "description": "Whether the file was cut off",
            },
            "X-Next-Cursor": {
                "schema": {"type": "string"},
                "description": "Pass it as `cursor` to continue where the file was cut off; absent otherwise",
            },
        },
        "content": {media_type: {"schema": {"type": "string"}, "examples": {"file": {"value": _CSV}}}},
    }


def page_answer() -> dict[str, Any]:
    """Return the answer that is a page of foreign content, for a sandboxed frame."""
    return {
        "description": "The page",
        "headers": {
            "Content-Security-Policy": {
                "schema": {"type": "string"},
                "description": "No scripts, no remote content unless asked for, and only the console may frame it",
            }
        },
        "content": {"text/html": {"schema": {"type": "string"}, "examples": {"page": {"value": _HTML}}}},
    }


def envelope(
    data: dict[str, Any], *, is_success: bool, has_message: bool, is_list: bool, is_page: bool
) -> dict[str, Any]:
    """Return the envelope around an answer's data; the kind of answer decides its other fields."""
    properties: dict[str, Any] = {
        "success": {
            "const": is_success,
            "description": "Whether the request was carried out and what it tested works.",
        }
    }
    if has_message:
        properties["message"] = {"type": "string", "description": "What was done, for a person."}
    properties["data"] = {"description": _DATA, **data}
    if is_list:
        properties["count"] = {"type": "integer", "description": "How many rows are in `data`."}
    if is_page:
        cursor = "Pass it as `cursor` to get the next page; null on the last page."
        properties["next_cursor"] = {"type": ["string", "null"], "description": cursor}
    return {"type": "object", "required": list(properties), "properties": properties}


_DATA = "The result."
