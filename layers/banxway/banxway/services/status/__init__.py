"""Tells how an organization is: what is configured, what is wrong, and what needs somebody."""

OFFERS = (
    "configuration",
    "diagnosis.catalogue",
    "diagnosis.deployment",
    "diagnosis.explanations",
    "diagnosis.mail_causes",
    "diagnosis.runner",
    "inbound_watch",
    "notifications",
    "reviews",
)
"""What other rooms may import of it."""

TOUCHES = ("email_sync", "integrations")
"""The areas of its layer that it imports."""
