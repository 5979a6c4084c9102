"""Repairs work that stopped half-way, and rotates everything to a new key."""

OFFERS = ("rotation", "sweep")
"""The modules that other areas may import."""

TOUCHES = ("audit", "messages")
"""The areas of its layer that it imports."""
