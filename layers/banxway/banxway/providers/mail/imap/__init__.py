"""Our IMAP client: limits bytes and time, sends one command at a time, and changes nothing by reading."""

OFFERS = ("mailbox",)
"""What other rooms may import of it."""

TOUCHES = ("mixups", "server_words", "transport")
"""The areas of its layer that it imports."""
