"""Shapes of configuration status, diagnosis and notifications."""

OFFERS = ("configuration", "diagnosis", "notifications", "overview")
"""The modules that other areas may import."""

TOUCHES = ("fields", "pages")
"""The areas of its layer that it imports."""
