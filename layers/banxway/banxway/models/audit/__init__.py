"""Shapes of the audit trail and its archives."""

OFFERS = ("archives", "audit")
"""The modules that other areas may import."""

TOUCHES = ("fields", "pages", "words")
"""The areas of its layer that it imports."""
