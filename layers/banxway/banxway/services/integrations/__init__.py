"""Connects provider accounts: tests, seals and rotates credentials, and says who may use them."""

OFFERS = (
    "audit",
    "checks",
    "configure",
    "credentials",
    "environment",
    "permissions",
    "read",
    "readings",
    "rounds",
    "slots",
    "stored_tests",
    "trust",
    "upkeep",
    "whatsapp_templates",
)
"""What other rooms may import of it."""

TOUCHES = ("email_accounts", "messages", "status", "webhooks")
"""The areas of its layer that it imports."""
