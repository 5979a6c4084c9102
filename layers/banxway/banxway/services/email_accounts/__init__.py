"""Mailboxes: tests both logins, saves them encrypted, and changes or removes them.

accounts.py          lists, tests, saves, changes and removes mailboxes
change_plan.py       what a change sets, and which logins must be tested first
login_checks.py      tests the SMTP and the IMAP login
integration_link.py  keeps a mailbox and the zoho_mail integration of its address in step
folders.py           shows a mailbox's folders
"""

OFFERS = ("accounts", "integration_link", "login_checks")
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "integrations", "messages", "status")
"""The areas of its layer that it imports."""
