"""Reads a mail from bytes: never raises, within limits, and notes what could not be read."""

OFFERS = ("parser",)
"""What other rooms may import of it."""

TOUCHES = ("filenames", "html")
"""The areas of its layer that it imports."""
