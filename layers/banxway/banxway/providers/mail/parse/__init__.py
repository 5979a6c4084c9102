"""Parses a mail's bytes: never raises, stays within limits, and lists what could not be read in `problems`."""

OFFERS = ("parser",)
"""The modules that other areas may import."""

TOUCHES = ("html",)
"""The areas of its layer that it imports."""
