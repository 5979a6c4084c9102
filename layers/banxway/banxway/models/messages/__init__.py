"""Shapes of messages: requests to send, what leaves, statuses, uploads and display."""

OFFERS = ("delivering", "display", "messages", "outgoing", "statuses", "uploads")
"""The modules that other areas may import."""

TOUCHES = ("email_templates", "fields", "values", "words")
"""The areas of its layer that it imports."""
