"""Reads and changes threads: pages of messages, assignees, read state."""

OFFERS = ("append", "read", "read_state", "update")
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "messages", "realtime")
"""The areas of its layer that it imports."""
