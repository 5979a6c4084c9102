"""Shapes of mailboxes, their presets, and comparisons with the server."""

OFFERS = ("accounts", "comparison", "presets")
"""The modules that other areas may import."""

TOUCHES = ("changes", "fields", "mail")
"""The areas of its layer that it imports."""
