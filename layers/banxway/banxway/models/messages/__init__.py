"""Shapes of messages: what is asked for, what leaves, what it became, uploads and display."""

OFFERS = ("display", "messages", "outgoing", "statuses", "uploads")
"""What other rooms may import of it."""

TOUCHES = ("email_templates", "fields", "quoting", "words")
"""The areas of its layer that it imports."""
