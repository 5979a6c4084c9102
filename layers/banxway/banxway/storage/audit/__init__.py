"""The audit trail: its rows, its chain of hashes, and which parts of it are archived."""

OFFERS = ("archives", "chain", "trail")
"""The modules that other areas may import."""

TOUCHES = ("database", "storable_text")
"""The areas of its layer that it imports."""
