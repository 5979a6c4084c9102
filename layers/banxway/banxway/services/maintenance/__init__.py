"""Repairs what stopped half-way, and re-encrypts everything under a new key."""

OFFERS = ("rotation", "sweep")
"""What other rooms may import of it."""

TOUCHES = ("audit", "messages")
"""The areas of its layer that it imports."""
