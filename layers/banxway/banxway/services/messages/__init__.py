"""Sends messages by the ledger.

`send` commits, `deliver` hands over once, `outcome` answers the sender, `retry` queues a failed message again.
What differs between channels is in `channels`.
"""

OFFERS = (
    "attachments",
    "channels.base",
    "channels.email.channel",
    "channels.email.compose",
    "channels.email.limits",
    "channels.email.submit",
    "channels.email.suspension",
    "channels.whatsapp.channel",
    "channels.whatsapp.inbound",
    "deliver",
    "delivery_log",
    "display",
    "early_reports",
    "ledger_epoch",
    "preview",
    "recipients",
    "send",
    "uploads",
)
"""The modules that other areas may import."""

TOUCHES = (
    "customers",
    "email_sync",
    "email_templates",
    "integrations",
    "realtime",
    "status",
    "threads",
    "webhooks",
)
"""The areas of its layer that it imports."""
