"""Shapes of threads, their messages and the events in them."""

OFFERS = ("messages", "threads")
"""What other rooms may import of it."""

TOUCHES = ("changes", "fields", "mail", "messages", "pages", "words")
"""The areas of its layer that it imports."""
