"""Parses a mail's bytes: never raises, stays within limits, and lists what could not be read in `problems`."""

OFFERS = ("parser",)
"""What other rooms may import of it."""

TOUCHES = ("html",)
"""The areas of its layer that it imports."""
