"""Provider accounts: sealed credentials, permissions, and WhatsApp's templates."""

OFFERS = ("credential_slots", "integrations", "permissions", "whatsapp_templates")
"""The modules that other areas may import."""

TOUCHES = ("database", "email_sync", "rows", "storable_text")
"""The areas of its layer that it imports."""
