"""Values of what shows how the product does: status, diagnosis, audit trail, rotation, callbacks, dead letters."""

from typing import Any

_NOON = "2026-01-25T12:00:00Z"
_MORNING = "2026-01-25T10:00:00Z"
_EVENT = "7d000000-0000-4000-8000-000000000001"
_MESSAGE = "7a000000-0000-4000-8000-000000000002"
_ORGANIZATION = "1a000000-0000-4000-8000-000000000001"

OPERATIONS: dict[str, dict[str, Any]] = {
    "AdminToAsk": {"id": "9a000000-0000-4000-8000-000000000009", "name": "Asha Rao"},
    "AuditEntry": {
        "id": "9f000000-0000-4000-8000-000000000001", "sequence": 42, "integration_type": "exotel_phone",
        "user_name": "Asha Rao", "action": "integration.configure", "status": "success",
        "details": {"is_verified": True},
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    "AuditVerification": {
        "valid": True, "checked": 42, "total": 42, "checked_through": _NOON, "first_bad_sequence": None,
        "reason": None, "next_cursor": None,
    },
    "ChannelCard": {
        "channel": "phone", "state": "working", "count": 1, "address": "01141169368", "last_verified_at": _MORNING,
        "last_inbound_at": _NOON, "last_outbound_at": _NOON, "problem": None,
        "missing": [],
    },
    "Diagnosis": {"checked_at": _NOON, "healthy": False},
    "DiagnosisCheck": {
        "name": "exotel", "group": "exotel", "subject": "exotel_phone", "ok": False, "duration_ms": 214,
    },
    "DiagnosisFinding": {
        "code": "exotel_denied", "area": "exotel", "group": "exotel", "subject": "exotel_phone", "severity": "error",
        "symptom": "Calls and messages fail", "evidence": "Exotel answered 401",
        "cause": "Exotel refuses key and token", "guide_issue": 2,
        "fix": "Copy them again from Exotel's API settings and save the integration",
    },
    "DiagnosisGroup": {"name": "exotel", "state": "fail", "not_checked_because": None},
    "Notification": {
        "id": "3c000000-0000-4000-8000-000000000001", "kind": "integration_failed", "subject": "exotel_phone",
        "sentence": "Exotel refuses the credentials of exotel_phone: enter new ones under /settings/integrations",
        "occurrences": 1,
    },
    "RotationPart": {"name": "email_accounts", "total": 3, "rewrapped": 3, "unreadable": 0},
    "RotationProgress": {
        "started_at": _MORNING, "finished_at": _NOON, "total": 12, "rewrapped": 12, "unreadable": 0,
        "unreadable_rows": [], "key_id": "1c5e2f9ab0d3",
    },
    "SetupStep": {"name": "assign_number", "is_done": False, "page": "/settings/phone-numbers"},
    "Health": {
        "status": "ok", "database": "ok", "storage": "ok", "migrations_applied": 29,
        "migrations_expected": 29, "environment": "live",
    },
    "ConfigurationStatus": {"email": ...},
    "DeadLetterGroup": {
        "queue": "message", "work": "Sending messages", "cause": "unavailable",
        "sentence": "The database does not answer; try again shortly.",
        "advice": "Something of the product was down for hours. Open diagnostics; once it is healthy, redrive.",
        "count": 12, "customers": 9, "first_failed_at": _MORNING, "last_failed_at": _NOON,
    },
    "DeadLetterItem": {
        "id": "dd000000-0000-4000-8000-000000000001", "queue": "message", "work": "Sending messages",
        "cause": "unavailable", "sentence": "The database does not answer; try again shortly.",
        "attempts": 30, "times_given_up": 1, "first_failed_at": _MORNING, "last_failed_at": _NOON, "state": "open",
        "reason": None, "settled_at": None, "settled_by": None, "subject": "message",
        "subject_name": "+919876543210", "message_status": "queued", "customer_name": "Asha Rao",
        "item": {"organization_id": _ORGANIZATION, "message_id": _MESSAGE},
    },
    "DeadLetterItemQuery": {"state": "open"},
    "DeadLetterQuery": {"state": "open"},
    "DeadLetterDiscard": {
        "ids": None, "queue": "message", "cause": "unavailable", "reason": "The customer has called us",
    },
    "DeadLetterRedrive": {"ids": None, "queue": "message", "cause": "unavailable", "dry_run": True},
    "DiscardResult": {"discarded": 12, "messages_failed": 9, "remaining": 0},
    "RedriveOutcome": {
        "id": "dd000000-0000-4000-8000-000000000001", "effect": "would_be_sent", "sentence": "Would be sent.",
        "subject_name": "+919876543210",
    },
    "RedriveResult": {"dry_run": True, "redriven": 0, "remaining": 0},
    "WebhookDifference": {"what": "message.status", "before": "sent", "after": "delivered"},
    "WebhookEvent": {
        "id": _EVENT, "kind": "whatsapp", "outcome": "applied", "deliveries": 1, "replays": 0, "subject": "unit",
        "applied_at": _NOON, "replayed_at": None,
    },
    "WebhookEventDetail": {
        "id": _EVENT, "kind": "whatsapp", "outcome": "applied", "deliveries": 1, "replays": 0, "subject": "unit",
        "applied_at": _NOON, "replayed_at": None, "content_type": "application/json",
        "body": '{"whatsapp": {"messages": []}}', "size": 30, "has_more_parts": False,
    },
    "WebhookPart": {
        "kind": "status_report", "says": "delivered", "provider_sid": "exotel_msg_789", "message_status": "delivered",
    },
    "WebhookReplay": {"dry_run": True},
    "WebhookReplayResult": {"dry_run": True, "outcome": "applied", "is_partial": False},
    "WebhookTrial": {"kind": "whatsapp"},
    "WebhookTrialResult": {
        "arrived": True, "url": "https://api.example.com/api/v1/webhooks/exotel/whatsapp-status", "status": 200,
        "cause": None, "fix": None,
    },
}  # fmt: skip
