"""Shapes of the audit trail and its archives."""

OFFERS = ("archives", "audit")
"""What other rooms may import of it."""

TOUCHES = ("fields", "pages", "words")
"""The areas of its layer that it imports."""
