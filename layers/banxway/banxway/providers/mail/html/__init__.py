"""Turns HTML mails into plain text, and makes them safe to show."""

OFFERS = ("display", "shape", "text")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
