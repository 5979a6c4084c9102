"""Takes in what providers call us with: keeps it durably, then applies it in pieces."""

OFFERS = ("apply", "intake", "urls")
"""What other rooms may import of it."""

TOUCHES = ("customers", "integrations", "messages", "realtime")
"""The areas of its layer that it imports."""
