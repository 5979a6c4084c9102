"""The values of openapi.json's examples: the guide's where it has any, else those of one invented conversation.

A value is looked up by model and field, then by field alone; a field in neither table, or with `...`, follows its
type.
"""

from typing import Any

from local.openapi.operations_values import OPERATIONS

_THREAD = "7a000000-0000-4000-8000-000000000001"
_MESSAGE = "7a000000-0000-4000-8000-000000000002"
_CUSTOMER = "5c000000-0000-4000-8000-000000000001"
_OTHER_CUSTOMER = "5c000000-0000-4000-8000-000000000002"
_USER = "6f1c1a52-9a0b-4c0f-8a57-0d3c2f6e9b11"
_ORGANIZATION = "1a000000-0000-4000-8000-000000000001"
_MAILBOX = "2b000000-0000-4000-8000-000000000001"
_NUMBER = "4d000000-0000-4000-8000-000000000001"
_RULE = "0b9ce2a4-51f2-4f5e-9d0c-6e5f0b8f3a77"
_ATTACHMENT = "8e000000-0000-4000-8000-000000000001"
_NOON = "2026-01-25T12:00:00Z"
_MORNING = "2026-01-25T10:00:00Z"
_PAGE = "https://banxway.example/local/blobs/your_token"

_INVOICES = {
    "id": _RULE,
    "name": "Invoices",
    "position": 1,
    "match": "all",
    "activated_at": _MORNING,
    "conditions": [{"field": "subject", "negate": False, "operator": "contains", "value": "invoice"}],
    "actions": [{"type": "tag", "tag": "invoice"}],
}
_WORKS = {"configured": True, "status": None, "missing": None}

BY_NAME: dict[str, Any] = {
    "account_id": _MAILBOX,
    "address": "asha@customer.example",
    "assigned_to_user_id": None,
    "assigned_to_user_name": None,
    "automatic": None,
    "callback_url": "https://api.example.com/api/v1/webhooks/exotel/call-status?reference=your_reference",
    "canary_problem": None,
    "closed_at": None,
    "content_html": None,
    "content_id": None,
    "content_text": "Your container is cleared, Asha.",
    "content_type": "application/pdf",
    "created_at": _MORNING,
    "credentials_changed_at": _MORNING,
    "credentials_expire_on": "2027-01-25",
    "customer_id": _CUSTOMER,
    "daily_limit": 500,
    "email": "support@yourdomain.com",
    "ends_at": "2027-01-03T18:30:00Z",
    "error": None,
    "expires_at": "2026-01-25T12:10:00Z",
    "filename": "Invoice 1234.pdf",
    "hourly_limit": 250,
    "hours": None,
    "imap_host": "imap.zoho.com",
    "imap_port": 993,
    "imap_tls": True,
    "imap_user": "support@yourdomain.com",
    "inbound_last_proven_at": _NOON,
    "integration_type": "exotel_whatsapp",
    "is_active": True,
    "is_cut": False,
    "is_spam": False,
    "language": "en",
    "last_error": None,
    "last_message_at": _NOON,
    "last_polled_at": _NOON,
    "last_used_at": _NOON,
    "message_id": _MESSAGE,
    "most_in_a_day": 3,
    "next_cursor": None,
    "notes": [],
    "occurred_at": _NOON,
    "phone_number": "01141169368",
    "poll_interval_ms": 30000,
    "problem": None,
    "provider": "exotel",
    "renamed_to": None,
    "reply_to": None,
    "rule_id": _RULE,
    "sender": "asha@customer.example",
    "sends_canary": False,
    "short": 0,
    "size_bytes": 48213,
    "smtp_host": "smtp.zoho.com",
    "smtp_port": 587,
    "smtp_secure": False,
    "smtp_user": "support@yourdomain.com",
    "starts_at": "2026-12-20T18:30:00Z",
    "state": "ok",
    "storage": "ok",
    "subject": "Your container",
    "tags": ["parcel"],
    "thread_id": _THREAD,
    "unverified_because": None,
    "needs_attention": False,
    "updated_at": _NOON,
    "url": _PAGE,
    "used_in_30_days": 12,
    "user_id": _USER,
    "via": "",
    "waba_id": "102030405060708",
    "version": "yo1Ks3xYPuc2GmZ0Qw7T",
    "order_version": "Zk81bQ0nTfW3aVxu5LrE",
}

BY_MODEL: dict[str, dict[str, Any]] = {
    **OPERATIONS,
    "Invitation": {"delivery": "mail", "sign_in_url": "https://console.example.com"},
    "AssignedNumber": {"id": _NUMBER, "display_name": "Main Line"},
    "Attachment": {"id": _ATTACHMENT, "content_type": "application/pdf", "is_inline": False},
    "AttachmentLink": {"id": _ATTACHMENT, "content_type": "application/pdf"},
    "Change": {"sequence": 1234, "kind": "message.created", "created_at": _NOON},
    "ChangeList": {"latest": 1234, "has_more": False, "complete": True},
    "ChangedIntegration": {"id": "1a000000-0000-4000-8000-000000000001"},
    "ConfiguredIntegration": {
        "check": {"account_verified": True, "voice_enabled": True, "virtual_number_active": True},
    },
    "Customer": {"id": _CUSTOMER, "name": "Asha Rao"},
    "CustomerAddress": {"kind": "email"},
    "CustomerDetails": {"id": _CUSTOMER, "name": "Asha Rao", "thread_count": 1},
    "CustomerSummary": {"id": _CUSTOMER, "name": "Asha Rao", "thread_count": 1},
    "DisplayLink": {"url": "https://api.example.com/display/your_token", "blocked_remote_images": 2},
    "DryRunMatch": {"subject": "Invoice 1234"},
    "DryRunResult": {"examined": 120, "match_count": 1, "is_complete": True},
    "EmailAccount": {
        "id": _MAILBOX, "name": "Support Inbox", "provider": "zoho", "smtp_enabled": True, "imap_enabled": True,
        "is_default": True, "is_verified": True, "signature_html": "<p>Best regards,<br>Support Team</p>",
        "signature_text": "Best regards,\nSupport Team", "sent_last_hour": 3, "sent_last_day": 41,
        "folders": None, "marks_seen": False, "uses_idle": True, "state_since": _MORNING, "sending_stopped": False,
        "sending_stopped_at": None, "sending_stopped_reason": None, "last_poll_error": None, "first_sync": None,
    },
    "EmailFolder": {"name": "INBOX", "role": "inbox", "exists": True, "is_synced": True, "synced_at": _NOON},
    "EmailRule": _INVOICES,
    "ListedEmailRule": {**_INVOICES, "fired_last_7_days": 12},
    "EmailStatus": {**_WORKS, "accounts": 2, "default_account": "support@yourdomain.com"},
    "EmailTemplate": {
        "id": "6d000000-0000-4000-8000-000000000001", "name": "Shipment delayed",
        "subject": "Your shipment {{shipment}}", "content_text": "{{shipment}} arrives on {{day}}.",
        "variables": ["shipment", "day"],
    },
    "FolderComparison": {
        "name": "INBOX", "role": "inbox", "on_server": 120, "stored": 120, "missing": 0, "missing_uids": [],
        "not_visible": 0, "unfiled": 0, "is_complete": True,
    },
    "MatchedCondition": {
        "condition": {"field": "subject", "operator": "contains", "value": "invoice"}, "saw": "Invoice 1234",
    },
    "ImapCheck": {
        "success": True, "host": "imap.zoho.com", "port": 993, "secure": True, "mailbox_count": 5,
        "unread_count": 12, "cause": None, "fix": None, "field": None,
    },
    "Integration": {
        "id": "1a000000-0000-4000-8000-000000000001", "integration_type": "exotel_phone",
        "display_name": "Main Phone Line", "status": "Active", "source": "database", "is_verified": True,
        "last_verified_at": _MORNING, "phone_number_count": 1, "hours_now": None,
        "settings": {"virtual_number": "01141169368", "caller_id": "01141169368", "region": "singapore"},
    },
    "IntegrationPermission": {"can_view": True, "can_use": True, "daily_limit": 200},
    "LinkedAddress": {"id": "5d000000-0000-4000-8000-000000000001", "kind": "email", "linked_by": "inbound"},
    "MailboxComparison": {"is_complete": True},
    "MailboxPreset": {
        "id": "zoho_personal_com", "name": "Zoho Mail, United States, personal account", "provider": "zoho",
        "data_center": "com", "account_kind": "personal", "is_confirmed": True,
    },
    "Me": {
        "id": _USER, "name": "Ravi Kumar", "email": "ravi@yourdomain.com", "role": "agent",
        "phone_number": "+919876543210", "phone_number_source": "owner", "organization_id": _ORGANIZATION,
        "organization_name": "Asha Traders", "permissions": ["messages:send", "threads:view"],
    },
    "MemberChange": {"role": "manager", "is_active": ..., "name": ..., "phone_number": ...},
    "MemberToInvite": {
        "email": "ravi@yourdomain.com", "name": "Ravi Kumar", "role": "agent", "phone_number": "+919876543210",
    },
    "MergedCustomer": {"id": _OTHER_CUSTOMER, "name": "A. Rao", "merged_by": _USER, "merged_at": _NOON},
    "Message": {
        "id": _MESSAGE, "channel": "EMAIL", "direction": "inbound", "kind": "email", "status": "received",
        "sender_name": "Asha Rao", "recipient": "support@yourdomain.com", "subject": "Where is my parcel?",
        "body_text": "It should have come on Friday.", "to": ["support@yourdomain.com"], "cc": [], "reply_to": [],
        "reply_text": None, "signature_text": None, "seen_at": None, "authentication": "passed",
        "message_sid": None, "failure_reason": None, "failure_advice": None, "origin": "human", "join_rule": "new",
        "join_evidence": "", "problems": [], "media_url": None, "referral": None, "events": [], "reactions": [],
        "created_by": None, "date": "2026-01-25T11:59:58Z", "cut_fields": [],
    },
    "MessagePart": {
        "field": "body_text", "text": "It should have come on Friday.", "items": None, "attachments": None,
    },
    "MessagePreview": {"channel": "EMAIL", "sender": "support@yourdomain.com", "sender_name": "Support Inbox"},
    "Missing": {"what": "SMS has not been configured", "fix": "/settings/integrations?tab=sms"},
    "NumberSync": {"synced_numbers": 1, "new_numbers": 1, "updated_numbers": 0},
    "Organization": {"id": _ORGANIZATION, "name": "Asha Traders"},
    "OrganizationChange": {"name": "Asha Traders"},
    "OwnNumber": {"phone_number": "+919876543210"},
    "PerformedAction": {"action": {"type": "tag", "tag": "invoice"}, "is_done": True, "reason": None},
    "PhoneAccountCheck": {"account_verified": True, "voice_enabled": True, "virtual_number_active": True},
    "PhoneNumber": {
        "id": _NUMBER, "display_name": "Main Line", "number_type": "virtual", "can_call": True, "can_sms": True,
        "is_primary": True,
    },
    "PhoneStatus": {**_WORKS, "numbers": 1},
    "PollResult": {"new_messages": 3, "new_threads": 2, "poll_duration_ms": 1234},
    "PreviewedEmail": {
        "subject": "Your shipment BX-2024-1234", "content_text": "BX-2024-1234 arrives on 25 January.",
    },
    "PreviewedRecipient": {"role": "to", "reason": "They wrote the message that is answered"},
    "Reaction": {"emoji": "👍", "sender": "+919876543210", "reacted_at": _NOON, "taken_back_at": None},
    "RevealedCredentials": {
        "credentials": {
            "account_sid": "your_exotel_sid", "api_key": "your_api_key", "api_token": "your_api_token",
            "region": "singapore",
        },
        "readings_within_an_hour": 1,
    },
    "RuleTrace": {"id": "0c000000-0000-4000-8000-000000000001", "rule_name": "Invoices"},
    "SentEmail": {
        "smtp_message_id": "<abc123@yourdomain.com>", "status": "sent", "to": "test@example.com",
        "subject": "Test Email from Banxway", "created_at": _NOON,
    },
    "SentWhatsApp": {
        "message_sid": "exotel_msg_789", "status": "queued", "channel": "WHATSAPP", "to": "+919876543210",
        "created_at": _NOON,
    },
    "SmsAccountCheck": {"account_verified": True, "sms_enabled": True, "sms_number_active": True},
    "SmsStatus": {"configured": False, "status": None, "provider": None},
    "SmtpCheck": {
        "success": True, "host": "smtp.zoho.com", "port": 587, "secure": False, "cause": None, "fix": None,
        "field": None,
    },
    "SuggestedCustomer": {"email": "omid@client.example", "name": "Omid Client"},
    "TeamMember": {
        "id": _USER, "name": "Ravi Kumar", "email": "ravi@yourdomain.com", "role": "agent", "status": "active",
        "invitation_expires_at": None, "phone_number": "+919876543210", "phone_number_source": "admin",
    },
    "TemplateSync": {"synced_templates": 4, "new_templates": 1, "updated_templates": 1, "removed_templates": 0},
    "Thread": {
        "id": _THREAD, "subject": "Where is my parcel?", "status": "open", "related_thread_id": None,
        "suggested_customer": None, "reply_to": {"EMAIL": ["asha@customer.example"]},
        "reply_all": {"EMAIL": ["asha@customer.example"]}, "events": [],
    },
    "ThreadEvent": {
        "kind": "edit", "text": "It should have come on Monday.", "sender": "+919876543210",
        "message_sid": "exotel_msg_789",
    },
    "ThreadRead": {"newly_read": 1},
    "ThreadSummary": {
        "id": _THREAD, "subject": "Where is my parcel?", "status": "open", "customer_name": "Asha Rao",
        "last_message_text": "It should have come on Friday.", "message_count": 1, "unread_count": 1,
    },
    "Ticket": {"ticket": "your_ticket", "websocket_url": "wss://live.example.com/live"},
    "Upload": {
        "upload_id": "8e000000-0000-4000-8000-000000000002", "usable_until": "2026-01-26T12:00:00Z",
        "headers": {"Content-Type": "application/pdf", "Content-Length": "48213"},
    },
    "VacationResponder": {
        "subject": "", "content_text": "We are back on 4 January 2027.", "repeat_after_days": 7,
        "activated_at": "2026-12-18T09:00:00Z",
    },
    "WhatsAppAccountCheck": {
        "account_verified": True, "whatsapp_enabled": True, "business_number_active": True,
        "quality_rating": "GREEN", "messaging_limit": "TIER_3",
    },
    "WhatsAppStatus": {**_WORKS, "number": "+918047100100"},
    "WhatsAppTemplate": {
        "id": "3f000000-0000-4000-8000-000000000001", "name": "shipping_update", "category": "utility",
        "status": "approved", "body": "{{1}} reached {{2}} on {{3}}.", "variables": 3, "not_usable": None,
        "synced_at": _NOON,
    },
}  # fmt: skip

WHOLE: dict[str, Any] = {
    "email_accounts_test 422": {
        "smtp": {
            "success": False, "host": "smtp.zoho.com", "port": 587, "secure": False,
            "error": "Invalid login: 535 Authentication failed",
            "cause": "Using the regular account password instead of an app password, or a mistyped one",
            "fix": "Generate an app-specific password and save it: https://accounts.zoho.com/home → Security → App "
            "Passwords. Use this password, NOT the account password. If app password generation is unavailable, "
            "enable Two-Factor Authentication first",
            "field": "smtp_password",
        },
        "imap": {"success": True, "host": "imap.zoho.com", "port": 993, "secure": True},
    },
    "platform_health 503": {
        "status": "degraded", "database": "The database cannot be reached", "storage": "ok",
        "reason": "database_unreachable",
        "migrations_applied": 0, "migrations_expected": 29, "environment": "live",
    },
}  # fmt: skip
"""Answers that differ from what their models say, by operation and status."""
