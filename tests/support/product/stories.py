"""What tests begin with, made through the product's own functions: credentials saved, customers who wrote."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from tests.support.databases.postgres import Organization
from tests.support.product.app import Answer, Bundle

CUSTOMER = "+919876543210"
BUSINESS = "+918047100100"
SUPPORT = "support@yourdomain.com"

# The bodies of the guide's steps 2 to 4.
PHONE = {
    "account_sid": "your_exotel_sid",
    "api_key": "your_api_key",
    "api_token": "your_api_token",
    "virtual_number": "01141169368",
}
WHATSAPP = {
    "account_sid": "your_exotel_sid",
    "api_key": "your_api_key",
    "api_token": "your_api_token",
    "whatsapp_number": BUSINESS,
    "business_name": "Your Company Name",
}
SMS = {
    "account_sid": "your_exotel_sid",
    "api_key": "your_api_key",
    "api_token": "your_api_token",
    "sms_number": "01141169368",
}
ZOHO = {"email": SUPPORT, "password": "your_app_password", "account_name": "Support Inbox"}
BODIES = {"exotel_phone": PHONE, "exotel_whatsapp": WHATSAPP, "exotel_sms": SMS, "zoho_mail": ZOHO}
LOGIN = {
    "email": SUPPORT,
    "smtp_host": "smtp.zoho.com",
    "smtp_port": 587,
    "smtp_user": SUPPORT,
    "smtp_password": "your_app_password",
    "imap_host": "imap.zoho.com",
    "imap_port": 993,
    "imap_user": SUPPORT,
    "imap_password": "your_app_password",
}
MAILBOX = LOGIN | {
    "name": "Support Inbox",
    "smtp_secure": False,
    "smtp_enabled": True,
    "imap_tls": True,
    "imap_enabled": True,
    "poll_interval_ms": 30000,
    "is_default": True,
    "signature_html": "<p>Best regards,<br>Support Team</p>",
    "signature_text": "Best regards,\nSupport Team",
}


def configure(bundle: Bundle, user: UUID, integration_type: str, **changes: Any) -> dict[str, Any]:
    """Save an integration as the guide does and return what the answer says of it."""
    body = BODIES[integration_type] | changes
    data: dict[str, Any] = bundle.post(f"/api/v1/settings/integrations/{integration_type}", user, body).data
    return data


def add_mailbox(bundle: Bundle, user: UUID, **changes: Any) -> dict[str, Any]:
    """Save a mailbox as the guide does and return what the answer says of it."""
    data: dict[str, Any] = bundle.post("/api/v1/settings/email-accounts", user, MAILBOX | changes).data
    return data


def post_callback(bundle: Bundle, url: str, content: object) -> Answer:
    """Post JSON to a callback URL as Exotel does."""
    parts = urlsplit(url)
    return bundle.request(
        "POST",
        f"{parts.path}?{parts.query}",
        raw=json.dumps(content),
        headers={"content-type": "application/json"},
    )


def incoming(text: str, *, sender: str = CUSTOMER, sid: str | None = None) -> dict[str, Any]:
    """Return one message of a customer, as Exotel posts it."""
    return {
        "callback_type": "incoming_message",
        "sid": sid or uuid4().hex,
        "from": sender,
        "to": BUSINESS,
        "profile_name": "Asha",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "content": {"type": "text", "text": {"body": text}},
    }


def report(sid: str, code: int, name: str) -> dict[str, Any]:
    """Return one delivery report, as Exotel posts it."""
    return {
        "callback_type": "dlr",
        "sid": sid,
        "to": CUSTOMER,
        "exo_status_code": code,
        "exo_detailed_status": name,
        "description": "Message delivered",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def whatsapp_body(*items: dict[str, Any]) -> dict[str, Any]:
    """Wrap items as Exotel does."""
    return {"whatsapp": {"messages": list(items)}}


def customer_wrote(
    bundle: Bundle, organization: Organization, text: str = "Where is my parcel?", *, sender: str = CUSTOMER
) -> str:
    """Configure WhatsApp, let a customer write on it, and return the id of the thread that this made."""
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    assert post_callback(bundle, url, whatsapp_body(incoming(text, sender=sender))).status == 200
    bundle.work("webhook")
    # Not the first of the list: Exotel's times have whole seconds, so that an older thread may come before.
    (message,) = bundle.database.rows(
        """SELECT thread_id FROM messages WHERE organization_id = %s AND sender = %s AND direction = 'inbound'
           ORDER BY created_at DESC LIMIT 1""",
        (organization.id, sender),
    )
    return str(message["thread_id"])


def mail_arrived(
    bundle: Bundle,
    organization: Organization,
    *,
    subject: str = "Parcel",
    text: str = "Where is it?",
    sender: str = "asha@customer.example",
    message_id: str = "first@customer.example",
    mailbox: str = SUPPORT,
) -> str:
    """Add a mailbox, let a mail arrive in it, poll it, and return the id of the thread that this made."""
    login = {"email": mailbox, "smtp_user": mailbox, "imap_user": mailbox}
    account = add_mailbox(bundle, organization.admin, **login)
    raw = (
        f"From: Asha <{sender}>\r\nTo: {mailbox}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n"
        f"Date: Thu, 15 Jan 2026 15:00:00 +0530\r\n\r\n{text}\r\n"
    )
    bundle.providers.mailbox(mailbox).deliver(raw.encode(), at=datetime(2026, 1, 15, 9, 30, tzinfo=UTC))
    polled = bundle.post(f"/api/v1/settings/email-accounts/{account['id']}/poll-now", organization.manager)
    assert polled.data["new_messages"] == 1
    return str(bundle.get("/api/v1/communications/threads", organization.agent).data[0]["id"])
