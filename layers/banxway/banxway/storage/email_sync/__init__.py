"""Mailboxes' folders and mails as they are stored, which worker polls which mailbox, and what was read.

leases.py            due times, the lease that allows one poller, and the result of a poll
folders.py           the folders, and how far each has been read
mailbox_messages.py  one row for each mail on a server
read_state.py        what was read, on the server and in the console
canaries.py          test mails that mailboxes send to themselves
inbound_hours.py     when mailboxes and channels received something
"""

OFFERS = ("canaries", "folders", "inbound_hours", "leases", "mailbox_messages", "read_state")
"""The modules that other areas may import."""

TOUCHES = ("database", "email_accounts", "realtime")
"""The areas of its layer that it imports."""
