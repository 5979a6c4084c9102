"""Vacation responders, and the automatic mails that budgets are counted from.

vacation.py         one responder for each mailbox
automatic_mails.py  every automatic mail that was enqueued
"""

OFFERS = ("automatic_mails", "vacation")
"""The modules that other areas may import."""

TOUCHES = ("database", "email_accounts")
"""The areas of its layer that it imports."""
