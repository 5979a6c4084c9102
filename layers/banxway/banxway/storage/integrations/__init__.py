"""Provider accounts: sealed credentials, permissions, and WhatsApp's templates."""

OFFERS = ("credential_slots", "integrations", "permissions", "whatsapp_templates")
"""What other rooms may import of it."""

TOUCHES = ("database", "email_sync", "storable_text")
"""The areas of its layer that it imports."""
