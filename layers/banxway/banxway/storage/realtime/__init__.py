"""Browsers' open connections, and the feed of changes that is pushed to them."""

OFFERS = ("changes", "connections")
"""What other rooms may import of it."""

TOUCHES = ("database",)
"""The areas of its layer that it imports."""
