"""Shapes of providers' callbacks, and of the URL that they call."""

OFFERS = ("addresses", "callbacks")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
