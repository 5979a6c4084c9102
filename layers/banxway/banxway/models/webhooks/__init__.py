"""Shapes of providers' callbacks, and of the URL that they call."""

OFFERS = ("addresses", "callbacks", "events")
"""The modules that other areas may import."""

TOUCHES = ("fields", "pages")
"""The areas of its layer that it imports."""
