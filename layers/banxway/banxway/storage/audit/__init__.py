"""Rows of the audit trail, its chain of hashes, and what was archived of it."""

OFFERS = ("archives", "chain", "trail")
"""What other rooms may import of it."""

TOUCHES = ("database", "storable_text")
"""The areas of its layer that it imports."""
