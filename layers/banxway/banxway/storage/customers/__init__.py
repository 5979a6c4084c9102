"""Customers, their addresses and numbers, their merges, and senders that write for others."""

OFFERS = ("customers", "lists", "merges", "numbers", "relays", "suggested")
"""The modules that other areas may import."""

TOUCHES = ("database",)
"""The areas of its layer that it imports."""
