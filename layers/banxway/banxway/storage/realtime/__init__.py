"""Browsers' open connections, and the feed of changes that is pushed to them."""

OFFERS = ("changes", "connections")
"""The modules that other areas may import."""

TOUCHES = ("database",)
"""The areas of its layer that it imports."""
