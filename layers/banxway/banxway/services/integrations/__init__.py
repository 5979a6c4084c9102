"""Connects provider accounts: tests, seals and replaces credentials, and grants their use."""

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
"""The modules that other areas may import."""

TOUCHES = ("email_accounts", "messages", "status", "webhooks")
"""The areas of its layer that it imports."""
