"""Shapes of mailboxes, their presets, and comparisons with the server."""

OFFERS = ("accounts", "comparison", "presets")
"""What other rooms may import of it."""

TOUCHES = ("changes", "fields", "mail")
"""The areas of its layer that it imports."""
