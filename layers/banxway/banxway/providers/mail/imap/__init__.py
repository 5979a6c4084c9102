"""Our IMAP client: bounded in bytes and time, one command at a time, nothing changed by reading."""

OFFERS = ("mailbox",)
"""What other rooms may import of it."""

TOUCHES = ("mixups", "transport")
"""The areas of its layer that it imports."""
