"""Threads: pages of messages, changes, and the read state.

read.py        lists and shows threads
update.py      changes a thread's state, its customer, and which messages belong to it
read_state.py  marks threads as read
append.py      appends a message to its thread
"""

OFFERS = ("append", "read", "read_state", "update")
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "messages", "realtime")
"""The areas of its layer that it imports."""
