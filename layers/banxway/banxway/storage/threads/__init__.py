"""Threads, their messages in order, the events in them, and the evidence that joins mails.

threads.py          starts, finds and changes threads
lists.py            the list of threads
thread_messages.py  the messages of a thread, in pages
thread_events.py    reactions and other events
mail_links.py       the evidence by which mails join threads; merges and splits
"""

OFFERS = ("lists", "mail_links", "thread_events", "thread_messages", "threads")
"""The modules that other areas may import."""

TOUCHES = ("database", "storable_text")
"""The areas of its layer that it imports."""
