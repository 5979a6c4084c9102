"""Open connections of browsers, and the feed of changes that they are told of."""

OFFERS = ("changes", "connections")
"""What other rooms may import of it."""

TOUCHES = ("database",)
"""The areas of its layer that it imports."""
