"""The refusals of each operation: its statuses, and under each the error codes that a program may get.

Most follow from what an operation takes. What its service raises besides is listed in BESIDES;
tests/support/product/app.py fails a test in which an operation answers with a code that openapi.json does not name.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from local.function_files import FunctionFile

_KEYS = ("wrong_key", "key_missing", "corrupt_envelope")
_PROVIDER = (
    "provider_rejected",
    "provider_denied",
    "wrong_region",
    "provider_blocked",
    "provider_throttled",
    "provider_unavailable",
    "provider_timeout",
)
_MAILBOX = ("mailbox_check_failed", "host_refused")  # fmt: skip
_SENDING = (
    "not_found", "not_permitted", "conflict", "not_configured", "thread_moved_on", "rate_limited",
    "template_required", "too_large", "provider_rejected", "provider_denied", "provider_blocked", "outcome_unknown",
    *_KEYS,
)  # fmt: skip

BESIDES: dict[str, tuple[str, ...]] = {
    "audit_export": ("too_large", *_KEYS),
    "audit_verify": _KEYS,
    "customers_add_address": ("conflict",),
    "customers_update": ("conflict",),
    "customers_remove_address": ("conflict",),
    "customers_merge": ("conflict",),
    "customers_unmerge": ("conflict",),
    "webhooks_replay_event": ("conflict",),
    "webhooks_test_address": ("not_configured",),
    "dead_letters_discard": ("conflict", "not_found"),
    "dead_letters_redrive": ("conflict", "not_found"),
    "email_accounts_create": ("conflict", *_MAILBOX, *_PROVIDER, *_KEYS),
    "email_accounts_delete": ("conflict",),
    "email_accounts_poll_now": ("conflict", "not_configured", "rate_limited", *_PROVIDER, *_KEYS),
    "email_accounts_test": ("host_refused", "rate_limited"),
    "email_accounts_update": ("conflict", *_MAILBOX, *_PROVIDER, *_KEYS),
    "email_rules_create": ("conflict",),
    "email_rules_dry_run": ("not_found", *_KEYS),
    "email_rules_reorder": ("conflict",),
    "email_rules_update": ("conflict",),
    "email_sync_compare": ("conflict", "not_configured", "rate_limited", *_PROVIDER, *_KEYS),
    "email_templates_create": ("conflict",),
    "email_templates_update": ("conflict",),
    "integrations_configure": ("conflict", *_MAILBOX, "not_found", *_PROVIDER, *_KEYS),
    "integrations_delete": ("conflict", "not_found"),
    "integrations_get": ("not_found",),
    "integrations_get_credentials": ("conflict", "not_found", *_KEYS),
    "integrations_sync": ("conflict", "not_configured", "not_found", *_PROVIDER, *_KEYS),
    "integrations_sync_templates": ("conflict", "not_configured", "not_found", *_PROVIDER, *_KEYS),
    "integrations_test": (*_MAILBOX, "rate_limited", *_PROVIDER),
    "integrations_update": ("conflict", "not_found", *_KEYS),
    "maintenance_start_rotation": _KEYS,
    "messages_create_upload": ("too_large",),
    "messages_get_attachment": _KEYS,
    "messages_get_display": _KEYS,
    "messages_get_original": _KEYS,
    "messages_get_part": _KEYS,
    "messages_retry": _SENDING,
    "messages_send_template": _SENDING,
    "messages_show_display": ("not_authenticated", "not_found", "too_large", *_KEYS),
    "phone_numbers_assign": ("conflict",),
    "phone_numbers_update": ("conflict",),
    "realtime_create_ticket": ("not_permitted",),
    "team_confirm_phone_number": ("conflict",),
    "team_invite": ("conflict",),
    "team_resend_invitation": ("conflict",),
    "team_revoke_invitation": ("conflict",),
    "team_update_member": ("conflict",),
    "threads_preview_message": tuple(code for code in _SENDING if code != "outcome_unknown"),
    "threads_send_message": _SENDING,
    "threads_set_customer": ("conflict",),
    "threads_split": ("conflict",),
    "threads_update": ("conflict",),
}
"""By operation, what its service raises beyond what follows from its parameters, body and permission."""

_GATEWAY = ("413", "500", "503")
"""Statuses that API Gateway also answers with, in a shape of its own."""


def codes_of(function: FunctionFile) -> list[str]:
    """Return the error codes with which an operation may answer."""
    declared = function.handler.endpoint
    has_id = "{" in function.routes[0].path
    expected = {
        "validation_failed": True,
        "not_authenticated": declared.permission is not None,
        "not_permitted": declared.permission is not None,
        "not_found": has_id and declared.permission is not None,
        "bad_request": True,
        "too_large": declared.body is not None or declared.query is not None or has_id,
        "conflict": declared.idempotent,
        "changed_meanwhile": declared.versioned,
        "unavailable": True,
        "database_refused": True,
    }
    known = [code for code, is_expected in expected.items() if is_expected]
    return [
        *known,
        *(code for code in BESIDES.get(function.operation, ()) if code not in known),
        "internal_error",
    ]


def refusals_of(function: FunctionFile, *, besides: Collection[int]) -> dict[str, Any]:
    """Return the operation's refusals by status, without those in `besides`, which it answers in another shape."""
    return {
        status: {"$ref": f"#/components/responses/{_name(status, codes)}"}
        for status, codes in _by_status(codes_of(function)).items()
        if int(status) not in besides
    }


def refusal_beside(function: FunctionFile, status: int) -> dict[str, Any]:
    """Return the shape of a refusal under a status that also has an answer of another shape."""
    return _failure(_by_status(codes_of(function)).get(str(status), []))


def _failure(codes: list[str]) -> dict[str, Any]:
    named = {"properties": {"code": {"enum": codes}}} if codes else {}
    return {"allOf": [{"$ref": "#/components/schemas/Failure"}], **named}


def refusals_among(functions: Iterable[FunctionFile]) -> dict[str, Any]:
    """Return every refusal that `refusals_of` refers to, by its name."""
    endpoints = [function for function in functions if function.kind == "endpoint"]
    return {
        _name(status, codes): _response(status, codes)
        for function in endpoints
        for status, codes in _by_status(codes_of(function)).items()
    }


def _name(status: str, codes: list[str]) -> str:
    return ".".join([status, *codes])


def _by_status(codes: Iterable[str]) -> dict[str, list[str]]:
    statuses = _statuses()
    found: dict[str, list[str]] = {}
    for code in codes:
        found.setdefault(statuses[code][0], []).append(code)
    return dict(sorted(found.items()))


def _statuses() -> Mapping[str, tuple[str, str]]:
    """Return the status and the sentence of every code."""
    from banxway.errors import BanxwayError
    from banxway.services.email_accounts import login_checks as mailbox_checks  # noqa: F401 -- has errors of its own

    known = {"internal_error": ("500", "When something unexpected failed. `request_id` finds it in the log.")}
    waiting = BanxwayError.__subclasses__()
    while waiting:
        error = waiting.pop(0)
        waiting += error.__subclasses__()
        words = " ".join((error.__doc__ or "").split()).removeprefix("Raised ")
        known.setdefault(error.code, (str(error.status), words[:1].upper() + words[1:]))
    return known


def refusal_examples() -> dict[str, Any]:
    """Return one whole answer for each code."""
    return {
        code: {
            "summary": f"{status} {code}",
            "value": {
                "success": False,
                "error": _SENTENCES.get(code, sentence),
                "code": code,
                "details": _DETAILS.get(code, {}),
                "request_id": "0d9c7c34-5f0e-4d5d-9a2e-6a1f2f0b7a11",
            },
        }
        for code, (status, sentence) in sorted(_statuses().items())
    }


_SENTENCES = {
    "bad_request": "The body is not valid JSON: look at line 1, column 1",
    "conflict": "A mailbox with this address exists already",
    "host_refused": "smtp_host must be a public mail host",
    "internal_error": "Internal error",
    "not_authenticated": "Session expired",
    "not_configured": "Email is not configured: an admin must add a mailbox that may send",
    "not_found": "Thread not found",
    "not_permitted": "User does not have admin role",
    "provider_denied": "Invalid credentials",
    "provider_rejected": "WhatsApp number not verified",
    "rate_limited": "The daily limit of 200 messages is reached",
    "template_required": "The customer has not written within 24 hours: send an approved template",
    "too_large": "The body must not exceed 1000000 bytes",
    "validation_failed": "whatsapp_number must be a phone number in E.164 format, such as +919876543210",
}
_DETAILS: dict[str, dict[str, Any]] = {
    "bad_request": {"field": "body"},
    "conflict": {"field": "email"},
    "host_refused": {"field": "smtp_host", "reason": "host_refused"},
    "not_authenticated": {"reason": "session_expired"},
    "not_permitted": {"permission": "integrations:configure", "role": "agent"},
    "provider_denied": {
        "status_code": 401,
        "exotel_error": "Authentication failed",
        "reason": "invalid_credentials",
    },
    "provider_rejected": {
        "status_code": 422,
        "exotel_error": "WhatsApp number not found in account",
        "reason": "whatsapp_number_not_verified",
    },
    "rate_limited": {"retry_after_s": 43200},
    "too_large": {"field": "body", "limit_bytes": 1000000},
    "validation_failed": {"field": "whatsapp_number"},
}


def _response(status: str, codes: list[str]) -> dict[str, Any]:
    sentences = _statuses()
    failure = _failure(codes)
    described: dict[str, Any] = {
        "description": "\n\n".join(f"`{code}`: {sentences[code][1]}" for code in codes),
        "content": {
            "application/json": {
                "schema": {"anyOf": [failure, {"$ref": "#/components/schemas/GatewayRefusal"}]}
                if status in _GATEWAY
                else failure,
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }
    if status in _HEADERS:
        described["headers"] = _HEADERS[status]
    return described


_WAIT = {"Retry-After": {"schema": {"type": "string"}, "description": "After how many seconds to try again"}}
_HEADERS: dict[str, Any] = {
    "401": {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to sign in: Bearer"}},
    "429": _WAIT,
    "503": _WAIT,
}
