"""Threads, their messages in order, the events in them, and the evidence that joins mails."""

OFFERS = ("mail_links", "thread_events", "thread_messages", "threads")
"""The modules that other areas may import."""

TOUCHES = ("database", "storable_text")
"""The areas of its layer that it imports."""
