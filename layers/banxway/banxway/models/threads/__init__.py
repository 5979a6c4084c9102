"""Shapes of threads, their messages and the events in them."""

OFFERS = ("messages", "threads")
"""The modules that other areas may import."""

TOUCHES = ("changes", "fields", "mail", "messages", "pages", "words")
"""The areas of its layer that it imports."""
