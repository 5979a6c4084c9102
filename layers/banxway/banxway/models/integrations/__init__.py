"""Shapes of provider accounts: credentials, checks, permissions, and WhatsApp's templates."""

OFFERS = (
    "checks",
    "configurations",
    "credentials",
    "integrations",
    "kinds",
    "permissions",
    "whatsapp_template_rules",
    "whatsapp_templates",
)
"""The modules that other areas may import."""

TOUCHES = ("auto_replies", "changes", "fields", "values", "words")
"""The areas of its layer that it imports."""
