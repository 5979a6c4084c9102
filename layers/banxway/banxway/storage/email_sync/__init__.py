"""What is stored of mailboxes' folders and mails, which worker polls which mailbox, and what was read."""

OFFERS = ("canaries", "folders", "inbound_hours", "leases", "mailbox_messages", "read_state")
"""The modules that other areas may import."""

TOUCHES = ("database", "email_accounts", "realtime")
"""The areas of its layer that it imports."""
