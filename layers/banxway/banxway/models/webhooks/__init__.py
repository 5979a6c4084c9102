"""Shapes of providers' callbacks, and of the URL that they call."""

OFFERS = ("addresses", "callbacks")
"""What other rooms may import of it."""

TOUCHES = ()
"""The areas of its layer that it imports."""
