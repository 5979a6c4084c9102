"""Shapes of configuration status, diagnosis and notifications."""

OFFERS = ("configuration", "diagnosis", "notifications")
"""What other rooms may import of it."""

TOUCHES = ("fields", "pages")
"""The areas of its layer that it imports."""
