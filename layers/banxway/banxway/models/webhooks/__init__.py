"""Shapes of what providers call us with, and of the address that they call."""

OFFERS = ("addresses", "callbacks")
"""What other rooms may import of it."""

TOUCHES = ()
"""The areas of its layer that it imports."""
