"""Our IMAP client: limits bytes and time, sends one command at a time, and changes nothing by reading."""

OFFERS = ("mailbox",)
"""The modules that other areas may import."""

TOUCHES = ("mixups", "server_words", "transport")
"""The areas of its layer that it imports."""
