"""Sends messages by the ledger, and takes in those of WhatsApp.

`send` commits, `deliver` hands over once, `retry` and `outcome` tell what became of it. What differs by channel
is in `channels`.
"""

OFFERS = (
    "attachments",
    "channels.email.compose",
    "channels.email.limits",
    "channels.email.submit",
    "channels.email.suspension",
    "deliver",
    "delivery_log",
    "display",
    "ledger_epoch",
    "preview",
    "recipients",
    "send",
    "uploads",
    "whatsapp_inbound",
)
"""What other rooms may import of it."""

TOUCHES = ("customers", "email_sync", "email_templates", "integrations", "status", "threads", "webhooks")
"""The areas of its layer that it imports."""
