"""Reports an organization's state: what is configured, what is wrong, and what needs a person."""

OFFERS = (
    "configuration",
    "diagnosis.catalogue",
    "diagnosis.deployment",
    "diagnosis.explanations",
    "diagnosis.mail.causes",
    "diagnosis.runner",
    "inbound_watch",
    "notifications",
    "reviews",
)
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "integrations")
"""The areas of its layer that it imports."""
