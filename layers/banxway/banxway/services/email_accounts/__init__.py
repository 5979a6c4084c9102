"""Connects mailboxes: tests both logins, saves them encrypted, and changes or removes them."""

OFFERS = ("accounts", "integration_link", "login_checks")
"""What other rooms may import of it."""

TOUCHES = ("email_sync", "integrations", "messages", "status")
"""The areas of its layer that it imports."""
