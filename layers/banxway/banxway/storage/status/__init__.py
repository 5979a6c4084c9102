"""Notifications, and the facts that the daily review and the diagnosis read."""

OFFERS = ("diagnosis", "notifications", "reviews")
"""What other rooms may import of it."""

TOUCHES = ("database", "email_accounts", "email_sync", "integrations", "uptime")
"""The areas of its layer that it imports."""
