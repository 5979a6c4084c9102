"""Reads and changes threads: pages of messages, who they are assigned to, what was read."""

OFFERS = ("append", "read", "read_state", "update")
"""What other rooms may import of it."""

TOUCHES = ("email_sync", "messages", "realtime")
"""The areas of its layer that it imports."""
