"""Turns HTML mails into plain text, and makes them safe to show."""

OFFERS = ("display", "shape", "text")
"""What other rooms may import of it."""

TOUCHES = ()
"""The areas of its layer that it imports."""
