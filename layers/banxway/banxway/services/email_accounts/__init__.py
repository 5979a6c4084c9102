"""Connects mailboxes: tests both logins, saves them encrypted, and changes or removes them."""

OFFERS = ("accounts", "integration_link", "login_checks")
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "integrations", "messages", "status")
"""The areas of its layer that it imports."""
