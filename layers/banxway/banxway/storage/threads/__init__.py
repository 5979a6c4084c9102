"""Threads, their messages in order, the events in them, and the evidence that joins mails."""

OFFERS = ("mail_links", "thread_events", "thread_messages", "threads")
"""What other rooms may import of it."""

TOUCHES = ("database", "storable_text")
"""The areas of its layer that it imports."""
