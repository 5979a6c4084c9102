"""Vacation responders, and the automatic mails that budgets are counted from."""

OFFERS = ("automatic_mails", "vacation")
"""What other rooms may import of it."""

TOUCHES = ("database", "email_accounts")
"""The areas of its layer that it imports."""
