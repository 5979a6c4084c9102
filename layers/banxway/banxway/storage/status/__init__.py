"""Notifications, and the facts that the daily review and the diagnosis read.

notifications.py  notifications for admins
reviews.py        the facts of the daily review
diagnosis.py      the facts of the diagnosis
"""

OFFERS = ("diagnosis", "notifications", "reviews", "traffic")
"""The modules that other areas may import."""

TOUCHES = ("database", "dead_letters", "email_accounts", "email_sync", "integrations", "uptime")
"""The areas of its layer that it imports."""
