"""The setup guide's commands for Steps 2 to 4 and Tests 1 to 9, as far as they are built, with its answers.

Bodies and answers are the guide's own, its example values included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """One command of the guide: what it asks, and what it expects to be answered."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] | None = None


_PHONE = {
    "account_sid": "your_exotel_sid",
    "api_key": "your_api_key",
    "api_token": "your_api_token",
    "virtual_number": "01141169368",
}
_WHATSAPP = {
    "account_sid": "your_exotel_sid",
    "api_key": "your_api_key",
    "api_token": "your_api_token",
    "whatsapp_number": "+91XXXXXXXXXX",
}
_MAILBOX = {
    "email": "support@yourdomain.com",
    "smtp_host": "smtp.zoho.com",
    "smtp_port": 587,
    "smtp_user": "support@yourdomain.com",
    "smtp_password": "your_app_password",
    "imap_host": "imap.zoho.com",
    "imap_port": 993,
    "imap_user": "support@yourdomain.com",
    "imap_password": "your_app_password",
}

STEP_2_SAVE = Command(
    "Step 2: save phone",
    "POST",
    "/settings/integrations/exotel_phone",
    {**_PHONE, "caller_id": "01141169368", "display_name": "Main Phone Line"},
)
STEP_3_TEST = Command(
    "Step 3: test WhatsApp",
    "POST",
    "/settings/integrations/exotel_whatsapp/test",
    {**_WHATSAPP, "business_name": "Your Company Name"},
)
STEP_3_SAVE = Command(
    "Step 3: save WhatsApp",
    "POST",
    "/settings/integrations/exotel_whatsapp",
    {
        **_WHATSAPP,
        "business_name": "Your Company Name",
        "auto_reply_enabled": True,
        "auto_reply_message": "Thanks for contacting us! We'll respond shortly.",
        "business_hours": {
            "enabled": True,
            "timezone": "Asia/Kolkata",
            **{
                day: {"start": "09:00", "end": "18:00"}
                for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
            },
            "saturday": {"start": "10:00", "end": "14:00"},
            "sunday": {"closed": True},
        },
    },
)
STEP_3_SYNC = Command(
    "Step 3: sync templates", "POST", "/settings/integrations/exotel_whatsapp/sync-templates"
)
STEP_4_SAVE = Command(
    "Step 4: save email account",
    "POST",
    "/settings/email-accounts",
    {
        "name": "Support Inbox",
        **_MAILBOX,
        "smtp_secure": False,
        "smtp_enabled": True,
        "imap_tls": True,
        "imap_enabled": True,
        "poll_interval_ms": 30000,
        "is_default": True,
        "signature_html": "<p>Best regards,<br>Support Team</p>",
        "signature_text": "Best regards,\\nSupport Team",
    },
)
TEST_1 = Command(
    "Test 1: phone",
    "POST",
    "/settings/integrations/exotel_phone/test",
    _PHONE,
    {
        "success": True,
        "message": "Connection test successful",
        "data": {"account_verified": True, "voice_enabled": True, "virtual_number_active": True},
    },
)
TEST_3 = Command(
    "Test 3: WhatsApp",
    "POST",
    "/settings/integrations/exotel_whatsapp/test",
    _WHATSAPP,
    {
        "success": True,
        "message": "WhatsApp connection verified",
        "data": {
            "account_verified": True,
            "whatsapp_enabled": True,
            "business_number_active": True,
            "quality_rating": "GREEN",
            "messaging_limit": "TIER_3",
        },
    },
)
TEST_4_TEXT = Command(
    "Test 4: text message",
    "POST",
    "/communications/threads/{thread_id}/messages",
    {
        "channel": "WHATSAPP",
        "content": "Hello! This is a test message from Banxway.",
        "to": "+919876543210",
    },
    {
        "success": True,
        "data": {
            "message_id": "uuid",
            "message_sid": "exotel_msg_789",
            "status": "queued",
            "channel": "WHATSAPP",
            "to": "+919876543210",
            "created_at": "2026-01-25T12:00:00Z",
        },
    },
)
TEST_4_TEMPLATE = Command(
    "Test 4: template message",
    "POST",
    "/communications/messages/send-template",
    {
        "template_name": "shipping_update",
        "language": "en",
        "to": "+919876543210",
        "variables": {"1": "BX-2024-1234", "2": "Mumbai Port", "3": "25-Jan-2026"},
    },
    TEST_4_TEXT.answer,
)
TEST_5 = Command(
    "Test 5: mailbox",
    "POST",
    "/settings/email-accounts/test",
    _MAILBOX,
    {
        "success": True,
        "data": {
            "smtp": {"success": True, "host": "smtp.zoho.com", "port": 587, "secure": False},
            "imap": {
                "success": True,
                "host": "imap.zoho.com",
                "port": 993,
                "secure": True,
                "mailbox_count": 5,
                "unread_count": 12,
            },
        },
    },
)
TEST_6 = Command(
    "Test 6: send mail",
    "POST",
    "/communications/threads/{thread_id}/messages",
    {
        "channel": "EMAIL",
        "to": "test@example.com",
        "subject": "Test Email from Banxway",
        "content_html": "<p>This is a <strong>test email</strong> from Banxway platform.</p>",
        "content_text": "This is a test email from Banxway platform.",
    },
    {
        "success": True,
        "data": {
            "message_id": "uuid",
            "smtp_message_id": "<abc123@yourdomain.com>",
            "status": "sent",
            "to": "test@example.com",
            "subject": "Test Email from Banxway",
            "created_at": "2026-01-25T12:00:00Z",
        },
    },
)
TEST_7 = Command(
    "Test 7: poll now",
    "POST",
    "/settings/email-accounts/{account_id}/poll-now",
    None,
    {
        "success": True,
        "data": {
            "new_messages": 3,
            "new_threads": 2,
            "poll_duration_ms": 1234,
            "last_polled_at": "2026-01-25T12:00:00Z",
        },
    },
)
TEST_8 = Command(
    "Test 8: phone numbers",
    "GET",
    "/settings/phone-numbers",
    None,
    {
        "success": True,
        "data": [
            {
                "id": "uuid",
                "phone_number": "01141169368",
                "display_name": "Main Line",
                "number_type": "virtual",
                "can_call": True,
                "can_sms": True,
                "is_active": True,
                "is_primary": True,
                "assigned_to_user_id": None,
                "created_at": "2026-01-25T10:00:00Z",
            }
        ],
        "count": 1,
    },
)
TEST_9 = Command(
    "Test 9: configuration status",
    "GET",
    "/settings/configuration-status",
    None,
    {
        "success": True,
        "data": {
            "email": {"configured": True, "accounts": 2, "default_account": "support@yourdomain.com"},
            "phone": {"configured": True, "provider": "exotel", "numbers": 1},
            "whatsapp": {"configured": True, "provider": "exotel", "number": "+91XXXXXXXXXX"},
            "sms": {"configured": False},
        },
    },
)
ISSUE_6 = Command(
    "Issue 6: sync numbers",
    "POST",
    "/settings/integrations/exotel_phone/sync",
    None,
    {"success": True, "data": {"synced_numbers": 1, "new_numbers": 1, "updated_numbers": 0}},
)
