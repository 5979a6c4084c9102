"""Customers, their addresses and numbers, their merges, and senders that write for others."""

OFFERS = ("customers", "lists", "merges", "numbers", "relays", "suggested")
"""What other rooms may import of it."""

TOUCHES = ("database",)
"""The areas of its layer that it imports."""
