"""The organization's own addresses: its mailboxes, and the numbers that it writes and calls from."""

from banxway.storage.database import Transaction

_QUERIES = {
    "EMAIL": "SELECT lower(email) AS address FROM email_accounts",
    "WHATSAPP": """SELECT value AS address FROM integration_settings, jsonb_each_text(settings)
                   WHERE key IN ('whatsapp_number', 'virtual_number', 'sms_number')
                   UNION SELECT phone_number FROM organization_phone_numbers""",
}


def of_channel(transaction: Transaction, channel: str) -> frozenset[str]:
    """Return our own addresses on a channel: e-mail addresses in lower case, phone numbers in E.164."""
    return frozenset(row["address"] for row in transaction.all(_QUERIES[channel]))
