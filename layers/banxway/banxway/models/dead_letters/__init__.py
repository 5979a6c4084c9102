"""Shapes of work that was given up, and of what admins do with it."""

OFFERS = ("dead_letters",)
"""The modules that other areas may import."""

TOUCHES = ("fields", "pages")
"""The areas of its layer that it imports."""
