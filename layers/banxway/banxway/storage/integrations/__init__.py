"""Provider accounts: sealed credentials, permissions, and WhatsApp's templates.

integrations.py        integrations, their credentials and settings
credential_slots.py    credentials that were replaced and stay usable for a while
permissions.py         what users may do with integrations
whatsapp_templates.py  templates as last synced
"""

OFFERS = ("credential_slots", "integrations", "permissions", "whatsapp_templates")
"""The modules that other areas may import."""

TOUCHES = ("database", "email_sync", "rows", "storable_text")
"""The areas of its layer that it imports."""
